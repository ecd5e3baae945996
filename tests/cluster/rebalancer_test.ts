/** Spread: whom a node sends away that has too many, and that nobody loses anything by it. */

import { assert, assertEquals } from "@std/assert";
import { CLOSE, type Close } from "../../src/wire/close_codes.ts";
import type { Connection } from "../../src/hub/connection.ts";
import { Outbox } from "../../src/hub/outbox.ts";
import { nextTurn } from "../../src/async/next_turn.ts";
import { Rebalancer } from "../../src/cluster/rebalancer.ts";
import { createRandom } from "../random.ts";
import { Model } from "./rebalancer_model.ts";

/** A node beside an empty one, to which its connections go, once they are sent away and a test says so. */
function bench({ count, told = count }: { count: number; told?: number }) {
  const closes: Close[] = [], dismissed: string[] = [], moving: (() => void)[] = [], began: unknown[] = [];
  const here = new Set(Array.from({ length: count }, (_, index): Connection => ({
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
        for (const connection of here) if (connection.id === id) here.delete(connection);
        resolve();
      })
    );
  }
  const state = { isSettled: true };
  const spread = new Rebalancer({
    members: () => [
      { node: "own", capacity: 1_000, connections: told - count + here.size },
      { node: "other", capacity: 1_000, connections: count - here.size },
    ],
    connections: () => Promise.resolve([...here]),
    isSettled: () => state.isSettled,
    began: (load) => began.push(load),
    random: createRandom(1),
  });
  async function move(): Promise<void> {
    for (const one of moving.splice(0)) one();
    await nextTurn();
  }
  async function pass(ticks: number): Promise<void> {
    for (; ticks > 0; ticks--) {
      void spread.tick();
      await nextTurn();
    }
  }
  return { spread, pass, move, closes, dismissed, began, state };
}

Deno.test("Spread sends the surplus away with 1012, and says so when it begins", async () => {
  const { pass, move, closes, began } = bench({ count: 100 });
  await pass(10);
  assertEquals([closes.length, began], [0, []]);
  for (let tick = 0; tick < 100; tick++) {
    await pass(1);
    await move();
  }
  assertEquals(closes, Array(49).fill(CLOSE.moved)); // 51 are near enough to 50
  assertEquals(began, [{ connections: 100, share: 50 }]);
});

Deno.test("Spread sends nobody away twice, however long it takes", async () => {
  const { pass, dismissed } = bench({ count: 100 });
  await pass(60);
  assert(dismissed.length > 30, `${dismissed.length}`);
  assertEquals(new Set(dismissed).size, dismissed.length);
});

Deno.test("Spread resolves a tick when those who go have been sent what waits for them", async () => {
  const { spread, pass, move, closes } = bench({ count: 100 });
  await pass(10);
  let isOver = false;
  const ticking = spread.tick().then(() => isOver = true);
  await nextTurn();
  assertEquals([closes.length, isOver], [3, false]);
  await move();
  await ticking;
});

Deno.test("Spread decides nothing while the hub is too busy to say who is there", async () => {
  const { spread, pass, closes } = bench({ count: 100 });
  await pass(10);
  for (let tick = 0; tick < 10; tick++) void spread.tick();
  await nextTurn();
  assertEquals(closes.length, 3);
});

Deno.test("Spread keeps the share if sockets are counted that are hardly there any more", async () => {
  const { pass, closes } = bench({ count: 48, told: 100 });
  await pass(100);
  assertEquals(closes, []);
});

Deno.test("Spread sends nobody away while the node stops or knows nothing of the others", async () => {
  const { pass, closes, state } = bench({ count: 100 });
  state.isSettled = false;
  await pass(100);
  assertEquals(closes, []);
});

Deno.test("A fourth node gets its share of 3,000 tabs in a minute, and no tab loses a notification or gets one twice", async () => {
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
  for (const tab of model.tabs) assertEquals([tab.got, tab.oddities], [model.for(tab), []]);
  assertEquals(model.oddities, []);
});
