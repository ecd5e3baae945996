/** Tabs that do not read: they cost a bounded amount of memory, hold nobody up, and lose nothing that is kept. */

import { assertEquals, assertLess } from "@std/assert";
import { areLive, notifyLarge, notifyUntilBehind } from "./large.ts";
import { ServiceProcess } from "./process.ts";
import { RawSocket } from "./raw_socket.ts";
import { Running } from "./running.ts";
import { Tab } from "./tab.ts";

const PATH = "/v1/connect?target=alexander";
/** Reads until the numbers are complete, and says what else was told. */
async function readNumbers(
  peer: RawSocket,
  until: number,
): Promise<{ numbers: number[]; told: unknown[]; last: string }> {
  const numbers: number[] = [], told: unknown[] = [];
  let last = "";
  while (numbers.at(-1) !== until) {
    const messages = await peer.messages();
    if (messages === null) break;
    for (const { type, data, position } of messages) {
      if (type === "notification") numbers.push((data as { n: number }).n);
      else told.push(type);
      if (typeof position === "string") last = position;
    }
  }
  return { numbers, told, last };
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n);
}

Deno.test("The service gives a tab that reads again everything, once and in order, and meanwhile delivers to others", async () => {
  await using service = await Running.started();
  using slow = await RawSocket.connect(service.port, PATH);
  const { tab: fast } = await Tab.open(service.port, { target: "alexander" });
  await areLive(service, 2);
  await notifyLarge(service, 400);
  assertEquals((await fast.data(400)).map((data) => (data as { n: number }).n), upTo(400));
  const { numbers, told } = await readNumbers(slow, 399);
  assertEquals({ numbers, told }, { numbers: upTo(400), told: ["welcome"] });
});

Deno.test("The service tells a slow tab what the journal lost meanwhile, and goes on with what it has", async () => {
  await using service = await Running.started({
    TIDINGS_RETENTION_PER_TARGET: "20",
    TIDINGS_OUTBOX_BYTES: "100000",
  });
  using slow = await RawSocket.connect(service.port, PATH);
  await slow.messages();
  await notifyLarge(service, 400);
  const { numbers, told } = await readNumbers(slow, 399);
  assertEquals(new Set(told), new Set(["missed"]));
  assertEquals(numbers, numbers.toSorted((a, b) => a - b));
  assertEquals(numbers.slice(-20), upTo(400).slice(-20));
  assertLess(numbers.length, 400);
});

Deno.test("The service closes a stuck tab with 4200, forgets it at once, and resumes it where it stood", async () => {
  await using service = await Running.started({}, { stalledAfterMs: 50 });
  using stuck = await RawSocket.connect(service.port, PATH);
  const count = await notifyUntilBehind(service);
  await service.holds(0);
  const { numbers, told, last } = await readNumbers(stuck, count - 1);
  assertEquals(told, ["welcome"]);
  assertLess(numbers.length, count);
  assertEquals(numbers, upTo(numbers.length));
  const { tab, welcome } = await Tab.open(service.port, { target: "alexander", after: last });
  assertEquals(welcome.recovered, true);
  const rest = await tab.data(count - numbers.length);
  assertEquals(rest.map((data) => (data as { n: number }).n), upTo(count).slice(numbers.length));
});

Deno.test("The service tells a stuck tab 4200 when that reads again", async () => {
  await using service = await Running.started({}, { stalledAfterMs: 50 });
  using stuck = await RawSocket.connect(service.port, PATH);
  await notifyLarge(service, 400);
  await service.holds(0);
  assertEquals(await stuck.closeCode(), 4200);
});

const TABS = 1_000;
const FLOOD = 80; // of 60 kB each: 4.8 MB a tab, of which the kernel takes 4.2
const MAX_BYTES_PER_TAB = 10 * 64 * 1024; // of the process; measured: 6 frames, and 14 if each tab has its own

/** Reads all that the flood brought, once and in order; comes back if it has to, or for a start if it is to. */
async function readFlood(
  first: RawSocket,
  service: ServiceProcess,
  { comesBack }: { comesBack: boolean },
): Promise<void> {
  const all: number[] = [];
  let position: string | undefined;
  while (all.length < FLOOD) {
    const tab = position === undefined
      ? first
      : await RawSocket.connect(service.port, `${PATH}&after=${position}`);
    const { numbers, last } = await readNumbers(tab, comesBack && all.length === 0 ? 3 : FLOOD - 1);
    tab[Symbol.dispose]();
    all.push(...numbers);
    position = last;
  }
  assertEquals(all, upTo(FLOOD));
}

Deno.test({
  name:
    "The service holds 1,000 tabs that never read in bounded memory, and they get everything when they do",
  ignore: Deno.build.os !== "linux", // where else is the resident memory of another process?
  async fn() {
    await using service = await ServiceProcess.started();
    const tabs = await Promise.all(Array.from({ length: TABS }, () => RawSocket.connect(service.port, PATH)));
    await areLive(service, TABS);
    const before = await service.memory();
    await notifyLarge(service, FLOOD);
    await using fast = (await Tab.open(service.port, { target: "burr" })).tab;
    await service.notify({ target: "burr", data: "not held up" });
    assertEquals(await fast.data(1), ["not held up"]);
    assertLess(await service.memory() - before, TABS * MAX_BYTES_PER_TAB);
    const unread = tabs.entries();
    await Promise.all(Array.from({ length: 8 }, async () => {
      for (const [index, tab] of unread) await readFlood(tab, service, { comesBack: index % 2 === 0 });
    }));
    assertLess(await service.memory() - before, TABS * MAX_BYTES_PER_TAB);
  },
});
