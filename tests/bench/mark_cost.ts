/**
 * Measures the CPU that a node with SQLite spends on a notification and on a mark with ten exceptions, each with its
 * delivery to one tab, in one run. Both arrive as they do from outside: over HTTP, and over the tabs' sockets. Linux
 * only.
 *
 * `deno run -A tests/bench/mark_cost.ts`
 */

import { eventually } from "../eventually.ts";
import { ReturningTab } from "../end_to_end/returning_tab.ts";
import { ServiceProcess } from "../end_to_end/service_process.ts";
import { cpuSeconds } from "./load/usage.ts";

const TABS = 200;
const KEPT = 22; // every second one of the first twenty is read: these are the ten exceptions
const PER_TAB = 30;
const PUBLISHERS = 16;
const PAUSE_MS = 100; // a connection may send ten frames a second
const ROUNDS = 3; // the first is practice for V8

const data = { title: "Hello, Alexander Hamilton!", padding: "x".repeat(128) };

/** Publishes one notification per request, the same number to each tab's target. */
async function publish(service: ServiceProcess, perTab: number): Promise<void> {
  let next = 0;
  const publisher = async () => {
    while (next < perTab * TABS) await service.notify({ target: `target-${next++ % TABS}`, data });
  };
  await Promise.all(Array.from({ length: PUBLISHERS }, publisher));
}

/** Sends a message, and resolves when it is confirmed. */
function mark(tab: ReturningTab, message: Record<string, unknown>): Promise<void> {
  return new Promise((resolve) => {
    tab.onMessage = ({ type }) => type === "marked" && resolve();
    tab.send({ ...message, ref: "mark" });
  });
}

/** Marks the last notification of the tab as read and as unread, in turns. */
async function toggle(tab: ReturningTab): Promise<void> {
  const positions = [tab.received[KEPT - 1]?.position];
  for (let n = 0; n < PER_TAB; n++) {
    await mark(tab, { type: n % 2 === 0 ? "read" : "unread", positions });
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

const folder = await Deno.makeTempDir();
{
  await using service = await ServiceProcess.start({ TIDINGS_JOURNAL: `sqlite:${folder}/j.db` }, { folder });
  const tabs = Array.from({ length: TABS }, (_, n) => new ReturningTab(`target-${n}`));
  for (const tab of tabs) await tab.connect(service.port);
  await publish(service, KEPT);
  await eventually(() => tabs.every(({ received }) => received.length === KEPT));
  await Promise.all(tabs.map((tab) => {
    const positions = tab.received.slice(0, 20).filter((_, n) => n % 2 === 1).map(({ position }) => position);
    return mark(tab, { type: "read", positions });
  }));
  const costOf = async (act: () => Promise<unknown>) => {
    const before = cpuSeconds(service.pid) ?? NaN;
    await act();
    const seconds = (cpuSeconds(service.pid) ?? NaN) - before;
    return `${(1e6 * seconds / (PER_TAB * TABS)).toFixed()} µs`;
  };
  for (let round = 0; round < ROUNDS; round++) {
    const notification = await costOf(() => publish(service, PER_TAB));
    const marked = await costOf(() => Promise.all(tabs.map(toggle)));
    if (round > 0) console.log(`CPU: ${notification} a notification, ${marked} a mark with ten exceptions`);
  }
  await Promise.all(tabs.map((tab) => tab.disconnect()));
}
await Deno.remove(folder, { recursive: true });
