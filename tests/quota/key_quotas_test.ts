/** Tests KeyQuotas: what keys may send, on one node, and on several that tell each other what was spent. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import * as fc from "fast-check";
import type { KeyLimits } from "../../src/config/rate_limits.ts";
import type { Allowance } from "../../src/quota/allowance.ts";
import { KeyQuotas } from "../../src/quota/key_quotas.ts";
import { Problem } from "../../src/wire/problem.ts";

const LIMITS: KeyLimits = {
  requests: { perSecond: 10, burst: 20 },
  notifications: { perSecond: 100, burst: 300 },
};

function setUp(
  { limits = LIMITS, now = () => performance.now() }: { limits?: KeyLimits; now?: () => number } = {},
) {
  const limited: string[] = [], stopping = new AbortController();
  const quotas = new KeyQuotas(new Map([["billing", limits]]), {
    now,
    stopping: stopping.signal,
    onLimited: (limit, key) => void limited.push(`${limit} ${key}`),
  });
  const allowance = quotas.of("billing");
  assert(allowance !== null);
  return { quotas, allowance, limited, stopping };
}

/** How many times this succeeds, of at most a million. */
function countUntilRefused(act: () => void): number {
  for (let count = 0; count < 1_000_000; count++) {
    try {
      act();
    } catch (error) {
      assert(error instanceof Problem && error.kind === "quota-exceeded");
      return count;
    }
  }
  return 1_000_000;
}

Deno.test("KeyQuotas limits requests and notifications of a key, each alone, and counts what it refuses", () => {
  const { quotas, allowance, limited } = setUp({ now: () => 0 });
  assertEquals(countUntilRefused(() => allowance.takeRequest()), 20);
  allowance.takeNotifications(250);
  assertThrows(() => allowance.takeNotifications(51), Problem);
  allowance.requireNotifications();
  allowance.takeNotifications(50);
  assertThrows(() => allowance.requireNotifications(), Problem);
  assertEquals(limited, ["key-requests billing", ...[
    "key-notifications billing",
    "key-notifications billing",
  ]]);
  assertEquals(quotas.of("grafana"), null);
});

Deno.test("Allowance refuses for good what is more than the burst", () => {
  const { allowance, limited } = setUp();
  const { kind, message, quotesNothing } = assertThrows(() => allowance.takeNotifications(301), Problem);
  assertEquals([kind, quotesNothing], ["does-not-fit", true]);
  assertEquals(
    message,
    "the key billing may send 300 notifications at once, each target counted; the request has 301",
  );
  assertEquals(limited, []);
  allowance.takeNotifications(300);
});

Deno.test("Allowance without a limit takes anything", async () => {
  const { allowance } = setUp({ limits: { requests: null, notifications: null } });
  allowance.takeRequest();
  allowance.takeNotifications(1e9);
  allowance.requireNotifications();
  assertEquals([await allowance.waitForNotifications(1e9), allowance.notificationsAtATime], [true, Infinity]);
  assertEquals([allowance.takeSpent(), allowance.quotas], [[], []]);
});

Deno.test("Allowance.waitForNotifications waits for its turn, in order, and counts each that waits once", async () => {
  using time = new FakeTime();
  const { allowance, limited } = setUp({ now: Date.now });
  assertEquals(allowance.notificationsAtATime, 100);
  assertEquals(await allowance.waitForNotifications(300), true);
  const order: string[] = [];
  const waiting = [["a", 100], ["b", 50], ["c", 200]] as const;
  const done = Promise.all(waiting.map(async ([name, count]) => {
    await allowance.waitForNotifications(count);
    order.push(`${name} ${time.now - start}`);
  }));
  const start = time.now;
  await time.tickAsync(4_000);
  await done;
  assertEquals(order, ["a 1000", "b 1500", "c 3500"]);
  assertEquals(limited, Array(3).fill("key-notifications billing"));
});

Deno.test("Allowance.waitForNotifications ends when the node stops", async () => {
  const { allowance, stopping } = setUp();
  await allowance.waitForNotifications(300);
  const waiting = [allowance.waitForNotifications(300), allowance.waitForNotifications(1)];
  stopping.abort();
  assertEquals(await Promise.all(waiting), [false, false]);
});

Deno.test("KeyQuotas tells what was spent once, and takes from its buckets what was spent elsewhere", () => {
  const { quotas, allowance } = setUp({ now: () => 10_000 });
  assertEquals(quotas.takeSpent(), []);
  allowance.takeRequest();
  allowance.takeNotifications(7);
  assertEquals(quotas.takeSpent(), [
    { limit: "key-requests", of: "billing", count: 1 },
    { limit: "key-notifications", of: "billing", count: 7 },
  ]);
  assertEquals(quotas.takeSpent(), []);
  quotas.receive([
    { limit: "key-requests", of: "billing", count: 15 },
    { limit: "key-requests", of: "unknown", count: 15 },
    { limit: "attempts", of: "billing", count: 15 },
  ], 0);
  assertEquals(countUntilRefused(() => allowance.takeRequest()), 4);
  assertEquals(quotas.takeSpent(), [{ limit: "key-requests", of: "billing", count: 4 }]);
});

/** Several nodes that tell each other every second what was spent. */
class Nodes {
  readonly clock = { now: 0 };
  readonly #nodes;

  constructor(count: number) {
    this.#nodes = Array.from({ length: count }, () => setUp({ now: () => this.clock.now }));
  }

  at(index: number): Allowance {
    const node = this.#nodes[index % this.#nodes.length];
    assert(node !== undefined);
    return node.allowance;
  }

  beat(): void {
    const told = this.#nodes.map(({ quotas }) => quotas.takeSpent());
    for (const [from, spent] of told.entries()) {
      for (const [to, { quotas }] of this.#nodes.entries()) if (to !== from) quotas.receive(spent, 1_000);
    }
  }
}

const EVERY_MS = 10;

for (const count of [1, 2, 3, 5]) {
  Deno.test(`KeyQuotas on several nodes (${count}) let through the limit, within the slack of a heartbeat, of a key that sends too much`, () => {
    const nodes = new Nodes(count), seconds = 60;
    let taken = 0;
    for (let ms = 0; ms < seconds * 1_000; ms += EVERY_MS, nodes.clock.now += EVERY_MS) {
      if (ms % 1_000 === 0) nodes.beat();
      for (let index = 0; index < count; index++) {
        taken += countUntilRefused(() => nodes.at(index).takeRequest());
      }
    }
    const limit = 20 + seconds * 10, slack = (count - 1) * (20 + 10);
    assert(
      taken >= limit - count * 10 && taken <= limit + slack,
      `${taken} of ${limit}, with a slack of ${slack}`,
    );
  });

  Deno.test(`KeyQuotas on several nodes (${count}) refuse nothing of a key that keeps to its limit, whichever node it asks`, () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat(count - 1)), (choices) => {
        const nodes = new Nodes(count);
        for (let ms = 0; ms < 30_000; ms += EVERY_MS, nodes.clock.now += EVERY_MS) {
          if (ms % 1_000 === 500) nodes.beat();
          if (ms % 100 === 0) nodes.at(choices.next().value ?? 0).takeRequest();
        }
      }),
      { numRuns: 20 },
    );
  });
}
