/** Tests NatsNodes: the contract with one node and with three, and how nodes find each other. */

import { assertEquals } from "@std/assert";
import { nodesContract } from "../../contracts/nodes.ts";
import { eventually } from "../../eventually.ts";
import { test } from "../../nats/nats_server.ts";
import { all, HANDLERS, memberNames, TestCluster } from "./test_cluster.ts";

const HOUR_MS = 3_600_000; // no heartbeat during the test
const FAST_MS = 25;

for (const [count, name] of [[1, "NatsNodes as a single node"], [3, "NatsNodes of three nodes"]] as const) {
  nodesContract(name, ({ connections, capacity }, timing) => {
    const beatMs = timing === "brisk" ? FAST_MS : HOUR_MS;
    return TestCluster.start(count, { connections: () => connections, capacity: () => capacity, beatMs });
  }, test);
}

test("NatsNodes learn at once, without a heartbeat, which node joins or leaves", async () => {
  await using cluster = await TestCluster.start(2, { beatMs: HOUR_MS });
  const { nodes } = cluster;
  const late = await cluster.join("late", { beatMs: HOUR_MS, connections: () => 7, capacity: () => 9 });
  await cluster.hasMembers(3);
  const [first, ...others] = memberNames(late);
  assertEquals([first, others.toSorted()], ["late", ["n0", "n1"]]);
  assertEquals(nodes.get("n0")?.members().at(-1), { node: "late", connections: 7, capacity: 9 });
  await cluster.leave("n1");
  await cluster.hasMembers(2);
  assertEquals(memberNames(late), ["late", "n0"]);
});

test("NatsNodes send their number of connections with every heartbeat", async () => {
  let connections = 1;
  await using cluster = await TestCluster.start(2, { beatMs: FAST_MS, connections: () => connections });
  for (connections of [5, 0]) {
    await eventually(
      () => [...cluster.nodes.values()].every((nodes) => nodes.members()[1]?.connections === connections),
      `every node knows that the other one has ${connections} connections`,
    );
  }
});

test("NatsNodes forget a node that sends no heartbeats any more", async () => {
  await using cluster = await TestCluster.start(3, { beatMs: FAST_MS });
  await cluster.kill("n1");
  await cluster.hasMembers(2);
  assertEquals(memberNames(cluster.nodes.get("n0")), ["n0", "n2"]);
});

test("NatsNodes of different streams do not know each other", async () => {
  await using cluster = await TestCluster.start(2, { beatMs: FAST_MS });
  const other = await cluster.join("other", { stream: "other", beatMs: FAST_MS });
  await other.ask({ kind: "disconnect", target: "a" }).next();
  assertEquals(memberNames(other), ["other"]);
  assertEquals(memberNames(cluster.nodes.get("n0")).includes("other"), false);
});

test("NatsNodes split messages that are larger than the server's maximum payload", async () => {
  await using cluster = await TestCluster.start(2, { beatMs: HOUR_MS, config: "max_payload: 8192" });
  const ids = Array.from({ length: 20_000 }, (_, n) => `id-${n}`);
  const report = { acceptedAt: 1, sent: 1, acked: 1, firstAckMs: 1, read: 1, firstReadAt: 2, push: null };
  for (const nodes of cluster.nodes.values()) {
    nodes.serve({ ...HANDLERS, reports: ({ ids }) => Promise.resolve(ids.map((id) => ({ id, ...report }))) });
  }
  for (const answer of await all(cluster.nodes.get("n0")?.ask({ kind: "reports", ids }))) {
    assertEquals("value" in answer && answer.value.map((report) => report?.id), ids);
  }
});

test("NatsNodes.close leaves nothing to wait for, and this node still answers itself", async () => {
  await using cluster = await TestCluster.start(2, { beatMs: FAST_MS });
  const n0 = cluster.nodes.get("n0");
  n0?.serve(HANDLERS);
  n0?.announce("alexander", 1);
  await n0?.close();
  n0?.announce("alexander", 2);
  assertEquals(memberNames(n0), ["n0"]);
  assertEquals(await all(n0?.ask({ kind: "disconnect", target: "ab" })), [{ node: "n0", value: 2 }]);
  assertEquals(n0?.connectionsElsewhere("alexander"), 0);
});
