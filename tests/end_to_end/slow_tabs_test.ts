/** Tests of tabs that do not read: their memory is bounded, and they lose nothing stored. */

import { assertEquals, assertLess } from "@std/assert";
import { notifyLarge, notifyUntilBehind, upTo, waitUntilLive } from "./large_notifications.ts";
import { RawSocket } from "./raw_socket.ts";
import { ServiceProcess } from "./service_process.ts";
import { Tab } from "./tab.ts";
import { TestService } from "./test_service.ts";

const PATH = "/v1/connect?target=alexander";

/** Reads notifications up to the number `until`. `others` are the types of all other messages. */
async function readNumbers(
  peer: RawSocket,
  until: number,
): Promise<{ numbers: number[]; others: unknown[]; last: string }> {
  const numbers: number[] = [], others: unknown[] = [];
  let last = "";
  while (numbers.at(-1) !== until) {
    const messages = await peer.messages();
    if (messages === null) break;
    for (const { type, data, position } of messages) {
      if (type === "notification") numbers.push((data as { n: number }).n);
      else others.push(type);
      if (typeof position === "string") last = position;
    }
  }
  return { numbers, others, last };
}

Deno.test("The service catches up a slow tab once and in order, and meanwhile delivers to others", async () => {
  await using service = await TestService.start();
  using slow = await RawSocket.connect(service.port, PATH);
  const { tab: fast } = await Tab.open(service.port, { target: "alexander" });
  await waitUntilLive(service, 2);
  await notifyLarge(service, 400);
  assertEquals((await fast.data(400)).map((data) => (data as { n: number }).n), upTo(400));
  const { numbers, others } = await readNumbers(slow, 399);
  assertEquals({ numbers, others }, { numbers: upTo(400), others: ["welcome"] });
});

Deno.test("The service reports a gap to a slow tab when the journal no longer has everything, and sends what it has", async () => {
  await using service = await TestService.start({
    TIDINGS_RETENTION_PER_TARGET: "20",
    TIDINGS_OUTBOX_BYTES: "100000",
  });
  using slow = await RawSocket.connect(service.port, PATH);
  await slow.messages();
  await notifyLarge(service, 400);
  const { numbers, others } = await readNumbers(slow, 399);
  assertEquals(new Set(others), new Set(["missed"]));
  assertEquals(numbers, numbers.toSorted((a, b) => a - b));
  assertEquals(numbers.slice(-20), upTo(400).slice(-20));
  assertLess(numbers.length, 400);
});

Deno.test("The service closes a stuck tab with 4200, deregisters it at once, and resumes it where it stopped", async () => {
  await using service = await TestService.start({}, { limits: { stalledAfterMs: 50 } });
  using stuck = await RawSocket.connect(service.port, PATH);
  const count = await notifyUntilBehind(service);
  await service.waitForConnections(0);
  const { numbers, others, last } = await readNumbers(stuck, count - 1);
  assertEquals(others, ["welcome"]);
  assertLess(numbers.length, count);
  assertEquals(numbers, upTo(numbers.length));
  const { tab, welcome } = await Tab.open(service.port, { target: "alexander", after: last });
  assertEquals(welcome.recovered, true);
  const rest = await tab.data(count - numbers.length);
  assertEquals(rest.map((data) => (data as { n: number }).n), upTo(count).slice(numbers.length));
});

Deno.test("The service sends a stuck tab 4200 when it reads again", async () => {
  await using service = await TestService.start({}, { limits: { stalledAfterMs: 50 } });
  using stuck = await RawSocket.connect(service.port, PATH);
  await notifyLarge(service, 400);
  await service.waitForConnections(0);
  assertEquals(await stuck.closeCode(), 4200);
});

const TABS = 1_000;
const FLOOD = 80; // of 60 kB each: 4.8 MB per tab, of which the kernel buffers 4.2 MB
// In the process alone. 6 frames were measured, and 14 if each tab has its own copy.
const MAX_BYTES_PER_TAB = 10 * 64 * 1024;

/**
 * Reads the whole flood, once and in order. It reconnects if it has to, and with `reconnects` after four in
 * any case.
 */
async function readFlood(
  first: RawSocket,
  service: ServiceProcess,
  { reconnects }: { reconnects: boolean },
): Promise<void> {
  const all: number[] = [];
  let position: string | undefined;
  while (all.length < FLOOD) {
    const tab = position === undefined
      ? first
      : await RawSocket.connect(service.port, `${PATH}&after=${position}`);
    const { numbers, last } = await readNumbers(tab, reconnects && all.length === 0 ? 3 : FLOOD - 1);
    tab[Symbol.dispose]();
    all.push(...numbers);
    position = last;
  }
  assertEquals(all, upTo(FLOOD));
}

Deno.test({
  name:
    "The service holds 1,000 tabs that do not read in bounded memory, and they receive everything when they do",
  ignore: Deno.build.os !== "linux", // other systems have no /proc
  async fn() {
    await using service = await ServiceProcess.start();
    const tabs = await Promise.all(Array.from({ length: TABS }, () => RawSocket.connect(service.port, PATH)));
    await waitUntilLive(service, TABS);
    const before = await service.residentMemory();
    await notifyLarge(service, FLOOD);
    await using fast = (await Tab.open(service.port, { target: "burr" })).tab;
    await service.notify({ target: "burr", data: "not held up" });
    assertEquals(await fast.data(1), ["not held up"]);
    assertLess(await service.residentMemory() - before, TABS * MAX_BYTES_PER_TAB);
    const unread = tabs.entries();
    await Promise.all(Array.from({ length: 8 }, async () => {
      for (const [index, tab] of unread) await readFlood(tab, service, { reconnects: index % 2 === 0 });
    }));
    assertLess(await service.residentMemory() - before, TABS * MAX_BYTES_PER_TAB);
  },
});
