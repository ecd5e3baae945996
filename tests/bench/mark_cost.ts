/**
 * Measures the CPU that a node with SQLite spends on a notification and on a mark with ten exceptions, each with its
 * delivery to one tab, in alternating rounds. Both arrive alike: from as many publishers as tabs, each of which sends
 * one, waits for the answer, and pauses. So both find as many others in a turn, which is what their cost depends on.
 * Linux only.
 *
 * `deno run -A tests/bench/mark_cost.ts [TABS]`
 */

import { eventually } from "../eventually.ts";
import { ReturningTab } from "../end_to_end/returning_tab.ts";
import { ServiceProcess } from "../end_to_end/service_process.ts";
import { pause } from "../../src/async/pause.ts";
import { median } from "./load/percentiles.ts";
import { cpuSeconds } from "./load/usage.ts";

const TABS = Number(Deno.args[0] ?? "200");
const KEPT = 22; // every second one of the first twenty is read: these are the ten exceptions
const PER_TAB = 30;
const PAUSE_MS = 100; // a connection may send ten frames a second
const ROUNDS = 6; // the first is practice for V8

const data = { title: "Hello, Alexander Hamilton!", padding: "x".repeat(128) };

/** Publishes to the target, one notification after the other. */
async function publish(
  service: ServiceProcess,
  { target, count }: { target: string; count: number },
): Promise<void> {
  for (let n = 0; n < count; n++) {
    await service.notify({ target, data });
    await pause(PAUSE_MS);
  }
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
    await pause(PAUSE_MS);
  }
}

const folder = await Deno.makeTempDir();
const costs = { notification: [] as number[], mark: [] as number[] };
{
  await using service = await ServiceProcess.start({ TIDINGS_JOURNAL: `sqlite:${folder}/j.db` }, { folder });
  const tabs = Array.from({ length: TABS }, (_, n) => new ReturningTab(`target-${n}`));
  for (const tab of tabs) await tab.connect(service.port);
  const publishAll = (count: number) =>
    Promise.all(tabs.map(({ target }) => publish(service, { target, count })));
  await publishAll(KEPT);
  await eventually(() => tabs.every(({ received }) => received.length === KEPT));
  await Promise.all(tabs.map((tab) => {
    const positions = tab.received.slice(0, 20).filter((_, n) => n % 2 === 1).map(({ position }) => position);
    return mark(tab, { type: "read", positions });
  }));
  const costOf = async (act: () => Promise<unknown>) => {
    const before = cpuSeconds(service.pid) ?? NaN;
    await act();
    return 1e6 * ((cpuSeconds(service.pid) ?? NaN) - before) / (PER_TAB * TABS);
  };
  for (let round = 0; round < ROUNDS; round++) {
    const notification = await costOf(() => publishAll(PER_TAB));
    const marked = await costOf(() => Promise.all(tabs.map(toggle)));
    if (round === 0) continue;
    costs.notification.push(notification);
    costs.mark.push(marked);
    console.log(
      `CPU: ${notification.toFixed()} µs a notification, ${marked.toFixed()} µs a mark with ten exceptions`,
    );
  }
  await Promise.all(tabs.map((tab) => tab.disconnect()));
}
const ratios = costs.mark.map((cost, round) => cost / (costs.notification[round] ?? NaN));
console.log(
  `Medians: ${median(costs.notification).toFixed()} µs, ${median(costs.mark).toFixed()} µs, ratio ${
    median(ratios).toFixed(2)
  }`,
);
await Deno.remove(folder, { recursive: true });
