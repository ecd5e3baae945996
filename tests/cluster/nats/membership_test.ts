/** Tests Membership: which heartbeats add a node, and which silence removes it. */

import { assertEquals, assertThrows } from "@std/assert";
import { Membership } from "../../../src/cluster/nats/membership.ts";

const LOAD = { connections: 1, capacity: 2 };

function setUp() {
  const sent: string[] = [], left: string[] = [];
  const nats = { isUp: true }; // NATS delivers a node's own messages to the node, too
  const membership = new Membership({
    self: () => ({ node: "own", ...LOAD }),
    send(heartbeat) {
      sent.push(`${heartbeat.node} ${heartbeat.status}`);
      if (nats.isUp) membership.receive(heartbeat);
    },
    takeSpent: () => [],
    onSpent() {},
    onLeft: (node) => void left.push(node),
  });
  const receive = (node: string, status: string) => membership.receive({ node, ...LOAD, status });
  return { membership, nats, sent, left, receive };
}

Deno.test("Membership answers a node that joins, and no other", () => {
  const { membership, sent, receive } = setUp();
  membership.join();
  assertEquals(sent.splice(0), ["own joined"]);
  receive("a", "joined");
  assertEquals(sent.splice(0), ["own alive"]);
  receive("b", "alive");
  assertEquals([sent, membership.others], [[], [{ node: "a", ...LOAD }, { node: "b", ...LOAD }]]);
});

Deno.test("Membership removes a node that has missed three heartbeats", () => {
  const { membership, left, receive } = setUp();
  membership.join();
  receive("a", "joined");
  receive("b", "joined");
  for (const _ of [1, 2]) membership.beat();
  receive("b", "alive");
  assertEquals(left, []);
  membership.beat();
  assertEquals([left, membership.has("a"), membership.has("b")], [["a"], false, true]);
  receive("a", "alive");
  assertEquals(membership.has("a"), true);
});

Deno.test("Membership removes no node while it does not receive its own heartbeats, and then counts from 0", () => {
  const { membership, nats, left, receive } = setUp();
  membership.join();
  receive("a", "joined");
  membership.beat();
  nats.isUp = false;
  for (let beats = 0; beats < 10; beats++) membership.beat();
  nats.isUp = true;
  membership.join();
  for (const _ of [1, 2]) membership.beat();
  assertEquals([left, membership.has("a")], [[], true]);
  membership.beat();
  assertEquals(left, ["a"]);
});

Deno.test("Membership removes a node that leaves at once, and calls onLeft once", () => {
  const { membership, left, receive } = setUp();
  receive("a", "joined");
  for (const _ of [1, 2]) receive("a", "left");
  membership.remove("a");
  assertEquals([left, membership.others], [["a"], []]);
});

Deno.test("Membership.leave announces it, and forgets all other nodes", () => {
  const { membership, sent, receive } = setUp();
  receive("a", "alive");
  membership.leave();
  assertEquals([sent, membership.others], [["own left"], []]);
});

Deno.test("Membership refuses heartbeats with invalid names or numbers", () => {
  const { membership } = setUp();
  for (
    const wrong of [{ node: "*" }, { node: "a.b" }, { node: "" }, { connections: -1 }, { capacity: 0.5 }, {
      status: "gone",
    }]
  ) assertThrows(() => membership.receive({ node: "a", ...LOAD, status: "joined", ...wrong }));
  assertEquals(membership.others, []);
});
