/** Presences: what nodes know of each other's connections of a target, and when they say and ask it. */

import { assertEquals, assertThrows } from "@std/assert";
import type { PresenceMessage } from "../../../src/cluster/nats/messages.ts";
import { PresenceTable } from "../../../src/cluster/nats/presence_table.ts";
import { nextTurn } from "../../../src/async/next_turn.ts";

/** Nodes that hear each other at once, unless a test has it lost. */
class Village {
  readonly members = new Set<string>();
  readonly said: string[] = [];
  isLost = false;
  readonly #nodes: PresenceTable[] = [];

  node(node: string, maxPerTarget = 5): PresenceTable {
    const presences = new PresenceTable({
      node,
      maxPerTarget,
      say: (target, presence) => this.#say(target, presence),
      isHeard: () => !this.isLost,
      isMember: (node) => this.members.has(node),
    });
    this.members.add(node);
    this.#nodes.push(presences);
    return presences;
  }

  /** What was said since the last time. */
  heard(): string[] {
    return this.said.splice(0);
  }

  /** Says it for a node that is no part of this. */
  #say(target: string, presence: PresenceMessage): void {
    const { node, connections, asks } = presence;
    this.said.push(`${node}: ${target} ${connections}${asks ? "?" : ""}`);
    for (const one of this.#nodes) one.hear(target, presence);
  }
}

Deno.test("Presences says the first connection of a target at once and asks, and changes once a beat at most", () => {
  const village = new Village(), presences = village.node("a");
  for (const connections of [1, 2, 3]) presences.present("x", connections);
  assertEquals(village.heard(), ["a: x 1?"]);
  presences.beat();
  assertEquals(village.heard(), ["a: x 3"]);
  presences.beat();
  assertEquals(village.heard(), []);
  presences.present("x", 3);
  assertEquals(village.heard(), []);
  presences.beat();
  presences.present("x", 4);
  assertEquals(village.heard(), ["a: x 4"]);
});

Deno.test("Presences knows within a beat what the target has elsewhere, and adds up all other nodes", () => {
  const village = new Village();
  const [a, b, c] = [village.node("a", 100), village.node("b", 100), village.node("c", 100)];
  a.present("x", 1);
  b.present("x", 2);
  for (const node of [a, b]) node.beat();
  c.present("x", 4);
  for (const node of [a, b]) node.beat();
  assertEquals([a, b, c].map((node) => node.elsewhere("x")), [6, 5, 3]);
  b.present("x", 0);
  for (const node of [a, b, c]) node.beat();
  assertEquals([a, b, c].map((node) => node.elsewhere("x")), [4, 0, 1]);
});

Deno.test("Presences hears nothing of targets without connections here, and keeps nothing of them", () => {
  const village = new Village(), [a, b] = [village.node("a"), village.node("b")];
  a.present("x", 1);
  assertEquals([b.elsewhere("x"), b.size], [0, 0]);
  b.present("x", 1);
  for (const node of [a, b]) {
    node.present("x", 0);
    node.beat();
  }
  assertEquals([a.size, b.size, a.elsewhere("x")], [0, 0, 0]);
});

Deno.test("Presences counts members only, and forgets others when a new one comes", () => {
  const village = new Village(), [a, b] = [village.node("a"), village.node("b")];
  a.present("x", 1);
  b.present("x", 2);
  assertEquals(a.elsewhere("x"), 2);
  village.members.delete("b");
  assertEquals(a.elsewhere("x"), 0);
  village.members.add("b");
  assertEquals(a.elsewhere("x"), 2, "it is back, and has said nothing new");
  village.members.delete("b");
  village.node("c").present("x", 1);
  village.members.add("b");
  assertEquals(a.elsewhere("x"), 1);
});

Deno.test("Presences asks anew when a target is full, once a beat, and drops in three what nobody confirms", () => {
  const village = new Village(), [a, b] = [village.node("a"), village.node("b")];
  village.members.add("ghost");
  a.present("x", 1);
  b.present("x", 1);
  for (const node of [a, b]) node.beat();
  a.hear("x", { node: "ghost", connections: 3, asks: false });
  for (const node of [a, b]) node.beat();
  village.heard();
  for (const _ of [1, 2, 3]) assertEquals(a.elsewhere("x"), 4);
  assertEquals(village.heard(), ["a: x 1?", "b: x 1"]);
  for (const expected of [4, 4, 1]) {
    for (const node of [a, b]) node.beat();
    assertEquals(a.elsewhere("x"), expected);
  }
  village.heard();
  for (const _ of [1, 2, 3, 4]) a.beat();
  assertEquals([a.elsewhere("x"), village.heard()], [1, []], "is not full any more");
});

Deno.test("Presences says all again when it can be heard again, what has gone too, and asks", async () => {
  const village = new Village(), [a, b] = [village.node("a"), village.node("b")];
  for (const target of ["x", "y"]) for (const node of [a, b]) node.present(target, 1);
  for (const node of [a, b]) node.beat();
  village.isLost = true;
  village.heard();
  a.present("x", 0);
  a.present("y", 2);
  a.present("z", 1);
  for (const node of [a, b]) node.beat();
  assertEquals(village.heard(), []);
  village.isLost = false;
  a.tellAll();
  assertEquals(village.heard(), ["a: x 0?", "b: x 1", "a: y 2?", "b: y 1", "a: z 1?"]);
  assertEquals([b.elsewhere("x"), b.elsewhere("y"), a.size], [0, 2, 2]);
  await Promise.all([a, b].map((node) => node.close()));
});

Deno.test("Presences says 100,000 targets over many turns, and stops when it is closed", async () => {
  const village = new Village(), presences = village.node("a");
  for (let n = 0; n < 100_000; n++) presences.present(String(n), 1);
  presences.beat();
  village.heard();
  presences.tellAll();
  const [first] = [village.heard().length];
  await nextTurn();
  assertEquals(first < 1_000 && village.said.length < 3_000, true);
  while (village.said.length + first < 100_000) await nextTurn();
  presences.beat();
  await presences.close();
  presences.tellAll();
  await presences.close();
  assertEquals(village.said.length + first, 100_000);
});

Deno.test("Presences takes nothing that cannot be", () => {
  const presences = new Village().node("a");
  presences.present("x", 1);
  for (const wrong of [null, {}, { node: "b", connections: -1, asks: true }, { node: "b", connections: 1 }]) {
    assertThrows(() => presences.hear("x", wrong));
  }
  assertEquals(presences.elsewhere("x"), 0);
});
