/** Tests of Server-Sent Events with readers that are slow, stuck or gone. */

import { assertEquals, assertLess, assertRejects } from "@std/assert";
import { EventReader } from "./event_reader.ts";
import { notifyLarge, notifyUntilBehind, numbersIn, upTo, waitUntilLive } from "./large_notifications.ts";
import { ServiceProcess } from "./service_process.ts";
import { Tab } from "./tab.ts";
import { TestService } from "./test_service.ts";

const ALEXANDER = { target: "alexander" };

Deno.test("The service catches up a slow reader once and in order, and meanwhile delivers to others", async () => {
  await using service = await TestService.start();
  await using slow = await EventReader.openUnread(service.port, ALEXANDER);
  const { tab: fast } = await Tab.open(service.port, ALEXANDER);
  await waitUntilLive(service, 2);
  await notifyLarge(service, 400);
  assertEquals(numbersIn(await fast.data(400)), upTo(400));
  await slow.welcome();
  assertEquals(numbersIn(await slow.data(400)), upTo(400));
});

Deno.test("The service closes a stuck reader with 4200, deregisters it at once, and resumes it where it stopped", async () => {
  await using service = await TestService.start({ TIDINGS_MAX_CONNECTIONS: "1" }, {
    limits: { stalledAfterMs: 50 },
  });
  await using stuck = await EventReader.openUnread(service.port, ALEXANDER);
  const count = await notifyUntilBehind(service);
  await service.waitForConnections(0);
  await assertRejects(() => EventReader.open(service.port, ALEXANDER), Error, "this node is full");
  await stuck.welcome();
  const numbers = numbersIn(await stuck.data(count));
  assertEquals(stuck.close?.code, 4200);
  assertLess(numbers.length, count);
  assertEquals(numbers, upTo(numbers.length));
  await service.waitForCapacity();
  await using again = await EventReader.open(service.port, { ...ALEXANDER, after: stuck.lastId ?? "" });
  assertEquals((await again.welcome()).recovered, true);
  assertEquals(numbersIn(await again.data(count - numbers.length)), upTo(count).slice(numbers.length));
});

Deno.test("The service deregisters readers that vanish while it sends nothing, and accepts others", async () => {
  await using service = await TestService.start({ TIDINGS_MAX_CONNECTIONS: "1" });
  for (const open of [EventReader.open, EventReader.openUnread]) {
    const reader = await open(service.port, ALEXANDER);
    await reader.welcome();
    await service.waitForConnections(1);
    await reader[Symbol.asyncDispose]();
    await service.waitForConnections(0);
    await service.waitForCapacity();
  }
});

Deno.test("The service deregisters many readers that vanish while it writes to them", async () => {
  await using service = await TestService.start({ TIDINGS_MAX_CONNECTIONS: "100" });
  for (let round = 0; round < 3; round++) {
    const readers = await Promise.all(
      Array.from({ length: 100 }, () => EventReader.openUnread(service.port, ALEXANDER)),
    );
    const notifying = service.notify(Array(50).fill({ ...ALEXANDER, data: "x".repeat(10_000) }));
    for (const reader of readers) await reader[Symbol.asyncDispose]();
    await notifying;
    await service.waitForConnections(0);
    await service.waitForCapacity();
  }
});

const READERS = 300;
const FLOOD = 80; // of 60 kB each: 4.8 MB per reader, of which the kernel buffers 4 MB
const MAX_BYTES_PER_READER = 10 * 64 * 1024; // in the process; 4 to 7 frames were measured

/** Reads the whole flood. It reconnects if the service closed the connection as stuck before its turn. */
async function readFlood(first: EventReader, service: ServiceProcess): Promise<number[]> {
  const numbers: number[] = [];
  for (let reader = first;;) {
    await reader.welcome();
    numbers.push(...numbersIn(await reader.data(FLOOD - numbers.length)));
    await reader[Symbol.asyncDispose]();
    if (numbers.length >= FLOOD) return numbers;
    assertEquals(reader.close?.code, 4200);
    reader = await EventReader.openUnread(service.port, { ...ALEXANDER, after: reader.lastId ?? "" });
  }
}

Deno.test({
  name:
    "The service holds 300 readers that do not read in bounded memory, and they receive everything when they do",
  ignore: Deno.build.os !== "linux", // other systems have no /proc
  async fn() {
    await using service = await ServiceProcess.start();
    const before = await service.residentMemory();
    const readers = await Promise.all(
      Array.from({ length: READERS }, () => EventReader.openUnread(service.port, ALEXANDER)),
    );
    await waitUntilLive(service, READERS);
    await notifyLarge(service, FLOOD);
    await using fast = await EventReader.open(service.port, { target: "burr" });
    await fast.welcome();
    await service.notify({ target: "burr", data: "not held up" });
    assertEquals(await fast.data(1), ["not held up"]);
    assertLess(await service.residentMemory() - before, READERS * MAX_BYTES_PER_READER);
    for (const reader of readers) assertEquals(await readFlood(reader, service), upTo(FLOOD));
  },
});
