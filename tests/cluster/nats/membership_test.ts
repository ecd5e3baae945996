/** Membership: who is there after which words and which silence. */

import { assertEquals, assertThrows } from "@std/assert";
import { Membership } from "../../../src/cluster/nats/membership.ts";

const LOAD = { connections: 1, capacity: 2 };

function bench() {
  const said: string[] = [], lost: string[] = [];
  const line = { isUp: true }; // what is said comes back, as from NATS
  const membership = new Membership({
    own: () => ({ node: "own", ...LOAD }),
    say(beat) {
      said.push(`${beat.node} ${beat.has}`);
      if (line.isUp) membership.hear(beat);
    },
    lost: (node) => void lost.push(node),
  });
  const hear = (node: string, has: string) => membership.hear({ node, ...LOAD, has });
  return { membership, line, said, lost, hear };
}

Deno.test("Membership answers who has come, and nobody else", () => {
  const { membership, said, hear } = bench();
  membership.come();
  assertEquals(said.splice(0), ["own come"]);
  hear("a", "come");
  assertEquals(said.splice(0), ["own stayed"]);
  hear("b", "stayed");
  assertEquals([said, membership.others], [[], [{ node: "a", ...LOAD }, { node: "b", ...LOAD }]]);
});

Deno.test("Membership loses a node that has said nothing for three beats", () => {
  const { membership, lost, hear } = bench();
  membership.come();
  hear("a", "come");
  hear("b", "come");
  for (const _ of [1, 2]) membership.beat();
  hear("b", "stayed");
  assertEquals(lost, []);
  membership.beat();
  assertEquals([lost, membership.has("a"), membership.has("b")], [["a"], false, true]);
  hear("a", "stayed");
  assertEquals(membership.has("a"), true);
});

Deno.test("Membership loses nobody while it does not hear itself either, and counts anew when it does", () => {
  const { membership, line, lost, hear } = bench();
  membership.come();
  hear("a", "come");
  membership.beat();
  line.isUp = false;
  for (let beats = 0; beats < 10; beats++) membership.beat();
  line.isUp = true;
  membership.come();
  for (const _ of [1, 2]) membership.beat();
  assertEquals([lost, membership.has("a")], [[], true]);
  membership.beat();
  assertEquals(lost, ["a"]);
});

Deno.test("Membership loses a node at once that leaves, and says so once", () => {
  const { membership, lost, hear } = bench();
  hear("a", "come");
  for (const _ of [1, 2]) hear("a", "left");
  membership.lose("a");
  assertEquals([lost, membership.others], [["a"], []]);
});

Deno.test("Membership.leave says so, and knows nobody any more", () => {
  const { membership, said, hear } = bench();
  hear("a", "stayed");
  membership.leave();
  assertEquals([said, membership.others], [["own left"], []]);
});

Deno.test("Membership takes nothing from nodes with names or numbers that cannot be", () => {
  const { membership } = bench();
  for (
    const wrong of [{ node: "*" }, { node: "a.b" }, { node: "" }, { connections: -1 }, { capacity: 0.5 }, {
      has: "gone",
    }]
  ) assertThrows(() => membership.hear({ node: "a", ...LOAD, has: "come", ...wrong }));
  assertEquals(membership.others, []);
});
