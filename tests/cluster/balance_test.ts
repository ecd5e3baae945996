/** Balance: what a node has too many of, how fast it may go, and when not at all. */

import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { Balance, type Load } from "../../src/cluster/balance.ts";
import { type Choose, ClusterModel, leastLoaded } from "./balance_model.ts";

const MAX_PER_TICK = 50;
const load = fc.record({ connections: fc.nat({ max: 20_000 }), capacity: fc.constantFrom(5_000, 20_000) });

function named(loads: readonly Omit<Load, "node">[]): Load[] {
  return loads.map((one, index) => ({ node: `node-${index}`, ...one }));
}

/** How many a node sends away in so many ticks in which nothing else changes. */
function sentIn(ticks: number, loads: readonly Load[], balance = new Balance()): number {
  const [own, ...others] = loads;
  assert(own !== undefined);
  let sent = 0;
  while (ticks-- > 0) sent += balance.tick({ ...own, connections: own.connections - sent }, others).max;
  return sent;
}

function pair(own: number, other: number, capacity = 1_000): Load[] {
  return named([{ connections: own, capacity }, { connections: other, capacity }]);
}

Deno.test("Balance never sends away more than its rate, nor what belongs to its share, whatever it is told", () => {
  const history = fc.array(fc.tuple(load, fc.array(load, { maxLength: 4 }), fc.integer({ min: 1, max: 15 })));
  fc.assert(
    fc.property(history, (times) => {
      const balance = new Balance();
      for (const [first, rest, ticks] of times) {
        const [own, ...others] = named([first, ...rest]);
        assert(own !== undefined);
        const all = [own, ...others].reduce((sum, { connections }) => sum + connections, 0);
        const share = all * own.capacity / [own, ...others].reduce((sum, { capacity }) => sum + capacity, 0);
        for (let tick = 0; tick < ticks; tick++) {
          const { max } = balance.tick(own, others);
          assert(max >= 0 && max <= MAX_PER_TICK);
          assert(max === 0 || own.connections - max >= share);
        }
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("Balance makes any nodes even, sends away hardly more than it has to, and then leaves them alone", () => {
  const start = fc.record({
    loads: fc.array(fc.nat({ max: 9_000 }), { minLength: 1, maxLength: 5 }),
    capacity: fc.constantFrom(10_000, 40_000),
    seed: fc.integer(),
    longestBackOff: fc.integer({ min: 1, max: 10 }),
  });
  fc.assert(
    fc.property(start, ({ loads, capacity, ...options }) => {
      const crowd = new ClusterModel(named(loads.map((connections) => ({ connections, capacity }))), options);
      const { excess } = crowd;
      crowd.pass(700);
      assert(crowd.unevenness <= 0.21, `${crowd.unevenness}`);
      const { sent } = crowd;
      assert(sent <= excess + 10 * loads.length, `${sent} of ${excess}`);
      crowd.pass(200);
      assertEquals(crowd.sent, sent);
    }),
    { numRuns: 50 },
  );
});

Deno.test("Balance gives a node as much as it has of the capacity", () => {
  const loads = named([{ connections: 3_000, capacity: 5_000 }, { connections: 0, capacity: 10_000 }]);
  const crowd = new ClusterModel(loads, { seed: 1, longestBackOff: 5 });
  crowd.pass(200);
  const [small, large] = crowd.nodes.map(({ connections }) => connections);
  assert(small !== undefined && small >= 1_000 && small <= 1_030, `${small}`);
  assertEquals(large, 3_000 - small);
});

Deno.test("Balance sends nobody away who would go from one full hand to the other", () => {
  for (
    const loads of [
      named([{ connections: 900, capacity: 1_000 }]), // alone
      pair(3, 0), // a matter of three
      pair(2, 1),
      pair(119, 81), // a fifth more than half
      pair(1_000, 0).map((one, index) => ({ ...one, capacity: index === 0 ? 1_000 : 0 })), // the other is stopping
      named([{ connections: 900, capacity: 1_000 }, { connections: 100, capacity: 100 }]), // and full
      pair(0, 1_000),
    ]
  ) assertEquals(sentIn(100, loads), 0, JSON.stringify(loads));
});

Deno.test("Balance waits until the nodes have been the same and uneven for ten ticks", () => {
  const uneven = pair(900, 0), even = pair(450, 450), gone = pair(900, 0).slice(0, 1);
  const balance = new Balance();
  assertEquals(sentIn(10, uneven, balance), 0);
  assertEquals(sentIn(1, even, balance), 0);
  assertEquals(sentIn(10, uneven, balance), 0);
  assertEquals(sentIn(1, uneven, balance), 23);
  assertEquals(sentIn(1, gone, balance), 0);
  assertEquals(sentIn(10, uneven, balance), 0); // the other is back, for the moment
  assertEquals(sentIn(1, uneven, balance), 23);
});

Deno.test("Balance does not take tabs that look for another node for tabs that are gone", () => {
  const three = named([400, 600, 500].map((connections) => ({ connections, capacity: 1_000 })));
  const [first, second] = three;
  assert(first !== undefined && second !== undefined);
  const balance = new Balance();
  assertEquals(sentIn(100, three, balance), 0);
  assertEquals(balance.tick(second, [first]), { max: 0, keep: 750 }); // of 1,500, and not of 1,000
});

for (
  const [proxy, choose] of Object.entries<Choose>({
    "brings everybody back": (nodes, from) => nodes.find(({ node }) => node === from.node),
    "does not know the new node": (nodes) => leastLoaded(nodes.slice(0, -1)),
  })
) {
  Deno.test(`Balance tries less and less behind a proxy that ${proxy}`, () => {
    const loads = named([1_000, 1_000, 1_000, 0].map((connections) => ({ connections, capacity: 5_000 })));
    const crowd = new ClusterModel(loads, { seed: 1, longestBackOff: 5 });
    const sent = [1_000, 1_000, 2_000, 4_000, 8_000].map((ticks) => {
      const before = crowd.sent;
      crowd.pass(ticks, choose);
      return crowd.sent - before;
    });
    const max = 3 * 2 * 250 * 1.2; // what three nodes may send away when they begin
    assert(sent.slice(1).every((one) => one <= max), `${sent}`); // each time as long as all times before
  });
}
