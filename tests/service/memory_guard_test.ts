/** MemoryGuard: when it sheds connections, when it takes new ones again, and when it gives up. */

import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { MemoryGuard } from "../../src/service/memory_guard.ts";

const EVERY_MS = 100;

/** A guard of 1,000 bytes that has looked at 500 bytes once, and a record of what it did. */
async function setUp({ shed = () => Promise.resolve() }: { shed?: () => Promise<void> } = {}) {
  const time = new FakeTime();
  const events: string[] = [];
  let used = 500;
  const guard = new MemoryGuard({
    maxBytes: 1_000,
    usedBytes: () => used,
    onShed: () => void events.push("shed"),
    failed: ({ message }) => void events.push(`failed: ${message}`),
    log: { debug() {}, info: () => void events.push("info"), error: () => void events.push("error") },
  });
  guard.start(shed, { everyMs: EVERY_MS });
  /** Looks at these values one after the other. */
  async function look(...values: number[]): Promise<string[]> {
    for (const value of values) {
      used = value;
      await time.tickAsync(EVERY_MS);
    }
    return events.splice(0);
  }
  assertEquals(await look(500), []);
  return { guard, look, [Symbol.dispose]: () => (guard.close(), time.restore()) };
}

Deno.test("MemoryGuard sheds all connections once at 90 %, and takes new ones when memory is free again", async () => {
  using test = await setUp();
  assertEquals([await test.look(600, 650, 700, 750, 800, 840, 870, 890, 899), test.guard.isShort], [
    [],
    false,
  ]);
  assertEquals([await test.look(900), test.guard.isShort], [["error", "shed"], true]);
  assertEquals([await test.look(910, 905, 900), test.guard.isShort], [[], true]);
  assertEquals([await test.look(400), test.guard.isShort], [["info"], false]);
});

Deno.test("MemoryGuard sheds earlier if memory grows so fast that the limit comes before the next look but one", async () => {
  using test = await setUp();
  assertEquals(await test.look(660), []);
  assertEquals(await test.look(780), ["error", "shed"]);
});

Deno.test("MemoryGuard fails once if at least 97 % are used after the connections were shed", async () => {
  using test = await setUp();
  await test.look(950);
  assertEquals(await test.look(969), []);
  assertEquals(await test.look(970, 990), [
    "failed: closing all connections did not free enough memory: 970 of 1000 bytes are used",
  ]);
});

Deno.test("MemoryGuard waits until the connections are shed before it judges", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  using test = await setUp({ shed: () => promise });
  assertEquals(await test.look(950), ["error", "shed"]);
  assertEquals([await test.look(999, 400), test.guard.isShort], [[], true]);
  resolve();
  assertEquals([await test.look(400), test.guard.isShort], [["info"], false]);
});

Deno.test("MemoryGuard fails if the connections cannot be shed", async () => {
  using test = await setUp({ shed: () => Promise.reject(new Error("no port")) });
  assertEquals(await test.look(950), [
    "error",
    "shed",
    "failed: the connections could not be closed although memory is short",
  ]);
});

Deno.test("MemoryGuard does nothing without a limit", async () => {
  using time = new FakeTime();
  const messages: string[] = [];
  const unexpected = () => {
    throw new Error("No limit is known");
  };
  const guard = new MemoryGuard({
    maxBytes: null,
    usedBytes: unexpected,
    onShed: unexpected,
    failed: unexpected,
    log: { debug: (message) => void messages.push(message), info: unexpected, error: unexpected },
  });
  guard.start(unexpected, { everyMs: EVERY_MS });
  await time.tickAsync(1_000);
  assertEquals(messages, ["the memory of the process is not watched: no limit is known"]);
});
