/** Tests PresenceTable: what nodes know of a target's connections elsewhere, and when they announce or ask for it. */

import { assertEquals, assertThrows } from "@std/assert";
import type { PresenceMessage } from "../../../src/cluster/nats/messages.ts";
import { PresenceTable } from "../../../src/cluster/nats/presence_table.ts";
import { nextTurn } from "../../../src/async/next_turn.ts";

/** Delivers the messages of each table to all tables at once, while it is connected. */
class TestCluster {
  readonly members = new Set<string>();
  /** The messages so far, such as `a: x 1?`: node `a` has one connection of target `x`, and wants a reply. */
  readonly messages: string[] = [];
  isConnected = true;
  readonly #tables: PresenceTable[] = [];

  addNode(node: string, maxPerTarget = 5): PresenceTable {
    const table = new PresenceTable({
      node,
      maxPerTarget,
      publish: (target, presence) => this.#publish(target, presence),
      isConnected: () => this.isConnected,
      isMember: (node) => this.members.has(node),
    });
    this.members.add(node);
    this.#tables.push(table);
    return table;
  }

  /** Returns the messages since the last call. */
  takeMessages(): string[] {
    return this.messages.splice(0);
  }

  #publish(target: string, presence: PresenceMessage): void {
    const { node, connections, wantsReply } = presence;
    this.messages.push(`${node}: ${target} ${connections}${wantsReply ? "?" : ""}`);
    for (const table of this.#tables) table.receive(target, presence);
  }
}

Deno.test("PresenceTable announces a target's first connection at once, and changes at most once a heartbeat", () => {
  const cluster = new TestCluster(), table = cluster.addNode("a");
  for (const connections of [1, 2, 3]) table.announce("x", connections);
  assertEquals(cluster.takeMessages(), ["a: x 1?"]);
  table.beat();
  assertEquals(cluster.takeMessages(), ["a: x 3"]);
  table.beat();
  assertEquals(cluster.takeMessages(), []);
  table.announce("x", 3);
  assertEquals(cluster.takeMessages(), []);
  table.beat();
  table.announce("x", 4);
  assertEquals(cluster.takeMessages(), ["a: x 4"]);
});

Deno.test("PresenceTable knows within a heartbeat what a target has elsewhere, and adds up all other nodes", () => {
  const cluster = new TestCluster();
  const [a, b, c] = [cluster.addNode("a", 100), cluster.addNode("b", 100), cluster.addNode("c", 100)];
  a.announce("x", 1);
  b.announce("x", 2);
  for (const table of [a, b]) table.beat();
  c.announce("x", 4);
  for (const table of [a, b]) table.beat();
  assertEquals([a, b, c].map((table) => table.connectionsElsewhere("x")), [6, 5, 3]);
  b.announce("x", 0);
  for (const table of [a, b, c]) table.beat();
  assertEquals([a, b, c].map((table) => table.connectionsElsewhere("x")), [4, 0, 1]);
});

Deno.test("PresenceTable ignores targets without connections on its own node, and keeps nothing for them", () => {
  const cluster = new TestCluster(), [a, b] = [cluster.addNode("a"), cluster.addNode("b")];
  a.announce("x", 1);
  assertEquals([b.connectionsElsewhere("x"), b.size], [0, 0]);
  b.announce("x", 1);
  for (const table of [a, b]) {
    table.announce("x", 0);
    table.beat();
  }
  assertEquals([a.size, b.size, a.connectionsElsewhere("x")], [0, 0, 0]);
});

Deno.test("PresenceTable counts members only, and drops the counts of others when a new node sends one", () => {
  const cluster = new TestCluster(), [a, b] = [cluster.addNode("a"), cluster.addNode("b")];
  a.announce("x", 1);
  b.announce("x", 2);
  assertEquals(a.connectionsElsewhere("x"), 2);
  cluster.members.delete("b");
  assertEquals(a.connectionsElsewhere("x"), 0);
  cluster.members.add("b");
  assertEquals(a.connectionsElsewhere("x"), 2, "the node is back, and has sent nothing new");
  cluster.members.delete("b");
  cluster.addNode("c").announce("x", 1);
  cluster.members.add("b");
  assertEquals(a.connectionsElsewhere("x"), 1);
});

Deno.test("PresenceTable asks again once a heartbeat when a target is full, and drops unconfirmed counts after three", () => {
  const cluster = new TestCluster(), [a, b] = [cluster.addNode("a"), cluster.addNode("b")];
  cluster.members.add("ghost");
  a.announce("x", 1);
  b.announce("x", 1);
  for (const table of [a, b]) table.beat();
  a.receive("x", { node: "ghost", connections: 3, wantsReply: false });
  for (const table of [a, b]) table.beat();
  cluster.takeMessages();
  for (const _ of [1, 2, 3]) assertEquals(a.connectionsElsewhere("x"), 4);
  assertEquals(cluster.takeMessages(), ["a: x 1?", "b: x 1"]);
  for (const expected of [4, 4, 1]) {
    for (const table of [a, b]) table.beat();
    assertEquals(a.connectionsElsewhere("x"), expected);
  }
  cluster.takeMessages();
  for (const _ of [1, 2, 3, 4]) a.beat();
  assertEquals(
    [a.connectionsElsewhere("x"), cluster.takeMessages()],
    [1, []],
    "the target is not full any more",
  );
});

Deno.test("PresenceTable.announceAll announces every target, including a closed one, and asks for all counts", async () => {
  const cluster = new TestCluster(), [a, b] = [cluster.addNode("a"), cluster.addNode("b")];
  for (const target of ["x", "y"]) for (const table of [a, b]) table.announce(target, 1);
  for (const table of [a, b]) table.beat();
  cluster.isConnected = false;
  cluster.takeMessages();
  a.announce("x", 0);
  a.announce("y", 2);
  a.announce("z", 1);
  for (const table of [a, b]) table.beat();
  assertEquals(cluster.takeMessages(), []);
  cluster.isConnected = true;
  a.announceAll();
  assertEquals(cluster.takeMessages(), ["a: x 0?", "b: x 1", "a: y 2?", "b: y 1", "a: z 1?"]);
  assertEquals([b.connectionsElsewhere("x"), b.connectionsElsewhere("y"), a.size], [0, 2, 2]);
  await Promise.all([a, b].map((table) => table.close()));
});

Deno.test("PresenceTable announces 100,000 targets over many turns of the event loop, and stops when it is closed", async () => {
  const cluster = new TestCluster(), table = cluster.addNode("a");
  for (let n = 0; n < 100_000; n++) table.announce(String(n), 1);
  table.beat();
  cluster.takeMessages();
  table.announceAll();
  const [first] = [cluster.takeMessages().length];
  await nextTurn();
  assertEquals(first < 1_000 && cluster.messages.length < 3_000, true);
  while (cluster.messages.length + first < 100_000) await nextTurn();
  table.beat();
  await table.close();
  table.announceAll();
  await table.close();
  assertEquals(cluster.messages.length + first, 100_000);
});

Deno.test("PresenceTable refuses invalid messages", () => {
  const table = new TestCluster().addNode("a");
  table.announce("x", 1);
  for (
    const wrong of [null, {}, { node: "b", connections: -1, wantsReply: true }, { node: "b", connections: 1 }]
  ) assertThrows(() => table.receive("x", wrong));
  assertEquals(table.connectionsElsewhere("x"), 0);
});
