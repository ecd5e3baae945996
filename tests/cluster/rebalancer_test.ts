/** Tests Rebalancer: which connections a node sends away, and that no tab loses a notification. */

import { assert, assertEquals } from "@std/assert";
import { CLOSE, type Close } from "../../src/wire/close_codes.ts";
import type { Connection } from "../../src/hub/connection.ts";
import { Outbox } from "../../src/hub/outbox.ts";
import { nextTurn } from "../../src/async/next_turn.ts";
import { Rebalancer } from "../../src/cluster/rebalancer.ts";
import { createRandom } from "../random.ts";
import { Model } from "./rebalancer_model.ts";

/**
 * A node beside an empty node. The connections that it sends away reach the other node when the test calls `move`.
 *
 * @param reported the number of connections in the node's load, if it differs from those that the hub has
 */
function setUp({ count, reported = count }: { count: number; reported?: number }) {
  const closes: Close[] = [], dismissed: string[] = [], moving: (() => void)[] = [], starts: unknown[] = [];
  const connections = new Set(Array.from({ length: count }, (_, index): Connection => ({
    id: String(index),
    target: "alexander",
    transport: "websocket",
    connectedAt: 0,
    outbox: new Outbox(null, { maxBytes: 1 }),
    pump: { flush: () => {}, finish: (close) => finish(String(index), close) },
  })));
  function finish(id: string, close: Close): Promise<void> {
    closes.push(close);
    dismissed.push(id);
    return new Promise((resolve) =>
      moving.push(() => {
        for (const connection of connections) if (connection.id === id) connections.delete(connection);
        resolve();
      })
    );
  }
  const state = { isReady: true };
  const rebalancer = new Rebalancer({
    members: () => [
      { node: "own", capacity: 1_000, connections: reported - count + connections.size },
      { node: "other", capacity: 1_000, connections: count - connections.size },
    ],
    connections: () => Promise.resolve([...connections]),
    isReady: () => state.isReady,
    onStart: (load) => starts.push(load),
    random: createRandom(1),
  });
  async function move(): Promise<void> {
    for (const one of moving.splice(0)) one();
    await nextTurn();
  }
  async function pass(ticks: number): Promise<void> {
    for (; ticks > 0; ticks--) {
      void rebalancer.tick();
      await nextTurn();
    }
  }
  return { rebalancer, pass, move, closes, dismissed, starts, state };
}

Deno.test("Rebalancer sends the excess away with 1012, and reports when it starts", async () => {
  const { pass, move, closes, starts } = setUp({ count: 100 });
  await pass(10);
  assertEquals([closes.length, starts], [0, []]);
  for (let tick = 0; tick < 100; tick++) {
    await pass(1);
    await move();
  }
  assertEquals(closes, Array(49).fill(CLOSE.moved)); // 51 connections are close enough to a share of 50
  assertEquals(starts, [{ connections: 100, share: 50 }]);
});

Deno.test("Rebalancer sends no connection away twice, however long its close takes", async () => {
  const { pass, dismissed } = setUp({ count: 100 });
  await pass(60);
  assert(dismissed.length > 30, `${dismissed.length}`);
  assertEquals(new Set(dismissed).size, dismissed.length);
});

Deno.test("Rebalancer.tick resolves when the connections have received everything and have closed", async () => {
  const { rebalancer, pass, move, closes } = setUp({ count: 100 });
  await pass(10);
  let isOver = false;
  const ticking = rebalancer.tick().then(() => isOver = true);
  await nextTurn();
  assertEquals([closes.length, isOver], [3, false]);
  await move();
  await ticking;
});

Deno.test("Rebalancer decides nothing while the hub is too busy to list its connections", async () => {
  const { rebalancer, pass, closes } = setUp({ count: 100 });
  await pass(10);
  for (let tick = 0; tick < 10; tick++) void rebalancer.tick();
  await nextTurn();
  assertEquals(closes.length, 3);
});

Deno.test("Rebalancer keeps the share if the load includes sockets that are closing", async () => {
  const { pass, closes } = setUp({ count: 48, reported: 100 });
  await pass(100);
  assertEquals(closes, []);
});

Deno.test("Rebalancer sends nothing away while the node is stopping or cannot reach the others", async () => {
  const { pass, closes, state } = setUp({ count: 100 });
  state.isReady = false;
  await pass(100);
  assertEquals(closes, []);
});

Deno.test("A fourth node gets its share of 3,000 tabs in a minute, and each tab receives every notification once", async () => {
  const random = createRandom(1804);
  await using model = new Model({ targets: 600, tabs: 3_000, random });
  const seconds = async (count: number) => {
    for (; count > 0; count--) {
      for (let n = 0; n < 40; n++) await model.notify(`target-${Math.floor(random() * 600)}`);
      if (count % 10 === 0) await model.notify(null);
      await model.tick();
    }
    return model.nodes.map(({ load }) => load.connections);
  };
  for (let node = 0; node < 3; node++) model.addNode();
  await model.tick();
  assertEquals(await seconds(20), [1_000, 1_000, 1_000]);
  model.addNode();
  const loads = await seconds(60);
  for (const connections of loads) assert(Math.abs(connections - 750) <= 0.15 * 750, `${loads}`);
  const settled = await seconds(20);
  assert(Math.max(...settled) <= Math.max(...loads), `${settled} after ${loads}`);
  for (const tab of model.tabs) assertEquals([tab.received, tab.unexpected], [model.expectedFor(tab), []]);
  assertEquals(model.errors, []);
});
