/** Tests Balance: how many connections a node sends away, how fast, and when none. */

import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { Balance, type Load } from "../../src/cluster/balance.ts";
import { type Choose, ClusterModel, leastLoaded } from "./balance_model.ts";

const MAX_PER_TICK = 50;
const load = fc.record({ connections: fc.nat({ max: 20_000 }), capacity: fc.constantFrom(5_000, 20_000) });

function named(loads: readonly Omit<Load, "node">[]): Load[] {
  return loads.map((one, index) => ({ node: `node-${index}`, ...one }));
}

/** The number of connections that the first node sends away in some ticks, if nothing else changes. */
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

Deno.test("Balance never exceeds its rate, and never sends away what belongs to its share, at any load", () => {
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

Deno.test("Balance evens out any nodes, sends away hardly more than necessary, and then stops", () => {
  const start = fc.record({
    loads: fc.array(fc.nat({ max: 9_000 }), { minLength: 1, maxLength: 5 }),
    capacity: fc.constantFrom(10_000, 40_000),
    seed: fc.integer(),
    maxBackOff: fc.integer({ min: 1, max: 10 }),
  });
  fc.assert(
    fc.property(start, ({ loads, capacity, ...options }) => {
      const cluster = new ClusterModel(
        named(loads.map((connections) => ({ connections, capacity }))),
        options,
      );
      const { excess } = cluster;
      cluster.pass(700);
      assert(cluster.unevenness <= 0.21, `${cluster.unevenness}`);
      const { sent } = cluster;
      assert(sent <= excess + 10 * loads.length, `${sent} of ${excess}`);
      cluster.pass(200);
      assertEquals(cluster.sent, sent);
    }),
    { numRuns: 50 },
  );
});

Deno.test("Balance gives each node a share in proportion to its capacity", () => {
  const loads = named([{ connections: 3_000, capacity: 5_000 }, { connections: 0, capacity: 10_000 }]);
  const cluster = new ClusterModel(loads, { seed: 1, maxBackOff: 5 });
  cluster.pass(200);
  const [small, large] = cluster.nodes.map(({ connections }) => connections);
  assert(small !== undefined && small >= 1_000 && small <= 1_030, `${small}`);
  assertEquals(large, 3_000 - small);
});

Deno.test("Balance sends nothing away if the nodes are nearly even, or if no other node has room", () => {
  for (
    const loads of [
      named([{ connections: 900, capacity: 1_000 }]), // a single node
      pair(3, 0), // too few connections to matter
      pair(2, 1),
      pair(119, 81), // less than a fifth above the share
      pair(1_000, 0).map((one, index) => ({ ...one, capacity: index === 0 ? 1_000 : 0 })), // the other is stopping
      named([{ connections: 900, capacity: 1_000 }, { connections: 100, capacity: 100 }]), // the other is full
      pair(0, 1_000),
    ]
  ) assertEquals(sentIn(100, loads), 0, JSON.stringify(loads));
});

Deno.test("Balance waits until the nodes have been the same and uneven for ten ticks", () => {
  const uneven = pair(900, 0), even = pair(450, 450), alone = pair(900, 0).slice(0, 1);
  const balance = new Balance();
  assertEquals(sentIn(10, uneven, balance), 0);
  assertEquals(sentIn(1, even, balance), 0);
  assertEquals(sentIn(10, uneven, balance), 0);
  assertEquals(sentIn(1, uneven, balance), 23);
  assertEquals(sentIn(1, alone, balance), 0);
  assertEquals(sentIn(10, uneven, balance), 0); // the other node has come back
  assertEquals(sentIn(1, uneven, balance), 23);
});

Deno.test("Balance still counts the tabs that are reconnecting after their node has left", () => {
  const three = named([400, 600, 500].map((connections) => ({ connections, capacity: 1_000 })));
  const [first, second] = three;
  assert(first !== undefined && second !== undefined);
  const balance = new Balance();
  assertEquals(sentIn(100, three, balance), 0);
  assertEquals(balance.tick(second, [first]), { max: 0, share: 750 }); // half of 1,500 and not of 1,000
});

for (
  const [proxy, choose] of Object.entries<Choose>({
    "always chooses the same node": (nodes, from) => nodes.find(({ node }) => node === from.node),
    "does not know the new node": (nodes) => leastLoaded(nodes.slice(0, -1)),
  })
) {
  Deno.test(`Balance starts less and less often behind a proxy that ${proxy}`, () => {
    const loads = named([1_000, 1_000, 1_000, 0].map((connections) => ({ connections, capacity: 5_000 })));
    const cluster = new ClusterModel(loads, { seed: 1, maxBackOff: 5 });
    const sent = [1_000, 1_000, 2_000, 4_000, 8_000].map((ticks) => {
      const before = cluster.sent;
      cluster.pass(ticks, choose);
      return cluster.sent - before;
    });
    const max = 3 * 2 * 250 * 1.2; // three nodes spend their whole budget once
    assert(sent.slice(1).every((one) => one <= max), `${sent}`); // each period is as long as all periods before it
  });
}
