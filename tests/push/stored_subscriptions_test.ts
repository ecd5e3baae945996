/** StoredSubscriptions: what is in memory is what the store has kept, whatever fails. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import * as fc from "fast-check";
import { UnavailableError } from "../../src/journal/journal.ts";
import { StoredSubscriptions } from "../../src/push/stored_subscriptions.ts";
import type { RowChanges } from "../../src/journal/row_store.ts";
import type { StoredSubscription, SubscriptionStore } from "../../src/push/subscription_store.ts";
import { browser, browsersOf } from "../contracts/subscriptions.ts";

const OPTIONS = { maxBytes: 1024 * 1024 };
const TARGETS = ["alexander", "eliza"];

/** A store whose writes fail, or take until they are released, when a test wants it. */
class TestStore implements SubscriptionStore {
  readonly rows = new Map<number, StoredSubscription>();
  writes = 0;
  isBroken = false;
  released: Promise<void> = Promise.resolve();

  async *load(): AsyncGenerator<readonly StoredSubscription[], void> {
    yield await Promise.resolve([...this.rows.values()].toSorted((a, b) => a.sequence - b.sequence));
  }

  async write({ put, removed }: RowChanges<StoredSubscription>): Promise<void> {
    this.writes++;
    await this.released;
    if (this.isBroken) throw new UnavailableError("the disk is full");
    for (const row of put) this.rows.set(row.sequence, row);
    for (const sequence of removed) assert(this.rows.delete(sequence));
  }
}

async function stateOf(subscriptions: StoredSubscriptions): Promise<unknown> {
  return await Promise.all(TARGETS.map((target) => subscriptions.of(target)));
}

Deno.test("StoredSubscriptions makes no change of those that could not be written, and goes on", async () => {
  const store = new TestStore(), subscriptions = new StoredSubscriptions(store, OPTIONS);
  for (let n = 0; n < 10; n++) await subscriptions.add(browser(`${n}`, "alexander"));
  const before = await stateOf(subscriptions);
  store.isBroken = true;
  const failing = [
    subscriptions.add(browser("3", "eliza")),
    subscriptions.add(browser("new", "alexander")),
    subscriptions.add(browser("newer", "alexander")),
    subscriptions.renew(browser("5", ""), browser("next", "")),
    subscriptions.renew(browser("next", ""), browser("after that", "")),
  ];
  for (const change of failing) await assertRejects(() => change, UnavailableError, "the disk is full");
  assertEquals(await stateOf(subscriptions), before);
  store.isBroken = false;
  await subscriptions.add(browser("new", "alexander"));
  assertEquals(await stateOf(await StoredSubscriptions.open(store, OPTIONS)), await stateOf(subscriptions));
  assertEquals((await browsersOf(subscriptions, "alexander")).at(-1), "new");
});

Deno.test("StoredSubscriptions writes together what waits, and nothing when nothing changes", async () => {
  const store = new TestStore(), subscriptions = new StoredSubscriptions(store, OPTIONS);
  const { promise, resolve } = Promise.withResolvers<void>();
  store.released = promise;
  const adding = Array.from({ length: 50 }, (_, n) => subscriptions.add(browser(`${n}`, `target ${n}`)));
  resolve();
  await Promise.all(adding);
  assertEquals(store.writes, 2); // the first one alone, because nothing was written then
  await subscriptions.add(browser("7", "target 7"));
  await subscriptions.remove("unknown", "target 7");
  assertEquals(store.writes, 2);
});

Deno.test("StoredSubscriptions starts the next write when a caller goes on at once", async () => {
  const subscriptions = new StoredSubscriptions(new TestStore(), OPTIONS);
  for (let n = 0; n < 100; n++) {
    await subscriptions.add(browser("a", "alexander")).then(() =>
      subscriptions.add(browser("b", "alexander"))
    );
  }
  assertEquals(await browsersOf(subscriptions, "alexander"), ["a", "b"]);
});

Deno.test("StoredSubscriptions refuses alone what has no room, and leaves the others of the same write", async () => {
  const store = new TestStore(), subscriptions = new StoredSubscriptions(store, { maxBytes: 2_000 });
  const { promise, resolve } = Promise.withResolvers<void>();
  store.released = promise;
  const large = browser("large", "eliza", { endpoint: `https://push.example/${"x".repeat(2_000)}` });
  const first = subscriptions.add(browser("first", "alexander"));
  const results = Promise.allSettled([
    subscriptions.add(large),
    subscriptions.add(browser("second", "alexander")),
  ]);
  resolve();
  await first;
  assertEquals((await results).map(({ status }) => status), ["rejected", "fulfilled"]);
  await assertRejects(() => subscriptions.renew(browser("first", ""), large), UnavailableError, "no room");
  assertEquals(await browsersOf(subscriptions, "alexander"), ["first", "second"]);
});

Deno.test("StoredSubscriptions keeps the newer of two rows of one endpoint", async () => {
  const store = new TestStore();
  const row = { ...browser("phone", "alexander"), id: "id" };
  store.rows.set(1, { ...row, sequence: 1 }).set(2, { ...row, target: "eliza", sequence: 2 });
  const subscriptions = await StoredSubscriptions.open(store, OPTIONS);
  assertEquals([await browsersOf(subscriptions, "alexander"), await browsersOf(subscriptions, "eliza")], [
    [],
    [
      "phone",
    ],
  ]);
});

Deno.test("StoredSubscriptions closes when everything is written", async () => {
  const store = new TestStore(), subscriptions = new StoredSubscriptions(store, OPTIONS);
  const adding = [subscriptions.add(browser("a", "alexander")), subscriptions.add(browser("b", "alexander"))];
  await subscriptions.close();
  assertEquals(store.rows.size, 2);
  await Promise.all(adding);
});

Deno.test("StoredSubscriptions has after a restart what it had before, whichever writes failed", async () => {
  const step = fc.record({
    type: fc.constantFrom("add", "add", "remove", "renew", "forget"),
    name: fc.nat(12).map(String),
    other: fc.nat(12).map(String),
    target: fc.constantFrom(...TARGETS),
    fails: fc.boolean(),
    waits: fc.boolean(),
  });
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 80, size: "max" }), async (steps) => {
    const store = new TestStore(), subscriptions = new StoredSubscriptions(store, OPTIONS);
    let waiting: Promise<unknown>[] = [];
    for (const { type, name, other, target, fails, waits } of steps) {
      const one = browser(name, target), [first] = await subscriptions.of(target);
      if (type === "add") waiting.push(subscriptions.add(one));
      else if (type === "renew") waiting.push(subscriptions.renew(one, browser(other, "")));
      else if (first === undefined) continue;
      else if (type === "remove") waiting.push(subscriptions.remove(first.id, target));
      else waiting.push(subscriptions.forget(first));
      if (waits) continue;
      store.isBroken = fails;
      await Promise.allSettled(waiting);
      waiting = [];
    }
    store.isBroken = false;
    await Promise.allSettled(waiting);
    assertEquals(await stateOf(await StoredSubscriptions.open(store, OPTIONS)), await stateOf(subscriptions));
  }));
});
