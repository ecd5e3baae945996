/** NatsNodes: the contract with one node and with three, and how they come to know each other. */

import { assertEquals } from "@std/assert";
import { nodesContract } from "../../contracts/nodes.ts";
import { eventually } from "../../eventually.ts";
import { test } from "../../nats/nats_server.ts";
import { all, ANSWERS, names, Neighbourhood } from "./test_cluster.ts";

const HOUR_MS = 3_600_000; // a beat that does not come in a test
const SOON_MS = 25;

for (const count of [1, 3]) {
  nodesContract(`NatsNodes, ${count} of them,`, ({ connections, capacity }, pace) => {
    const beatMs = pace === "brisk" ? SOON_MS : HOUR_MS;
    return Neighbourhood.of(count, { connections: () => connections, capacity: () => capacity, beatMs });
  }, test);
}

test("NatsNodes know who comes and who leaves at once, without a beat", async () => {
  await using neighbourhood = await Neighbourhood.of(2, { beatMs: HOUR_MS });
  const { nodes } = neighbourhood;
  const late = await neighbourhood.join("late", { beatMs: HOUR_MS, connections: () => 7, capacity: () => 9 });
  await neighbourhood.know(3);
  const [first, ...others] = names(late);
  assertEquals([first, others.toSorted()], ["late", ["n0", "n1"]]);
  assertEquals(nodes.get("n0")?.members().at(-1), { node: "late", connections: 7, capacity: 9 });
  await neighbourhood.leave("n1");
  await neighbourhood.know(2);
  assertEquals(names(late), ["late", "n0"]);
});

test("NatsNodes tell each other every beat how many connections they have", async () => {
  let connections = 1;
  await using neighbourhood = await Neighbourhood.of(2, { beatMs: SOON_MS, connections: () => connections });
  for (connections of [5, 0]) {
    await eventually(() =>
      [...neighbourhood.nodes.values()].every((nodes) => nodes.members()[1]?.connections === connections)
    );
  }
});

test("NatsNodes forget a node that is not heard any more", async () => {
  await using neighbourhood = await Neighbourhood.of(3, { beatMs: SOON_MS });
  await neighbourhood.kill("n1");
  await neighbourhood.know(2);
  assertEquals(names(neighbourhood.nodes.get("n0")), ["n0", "n2"]);
});

test("NatsNodes of other streams do not know each other", async () => {
  await using neighbourhood = await Neighbourhood.of(2, { beatMs: SOON_MS });
  const other = await neighbourhood.join("other", { stream: "other", beatMs: SOON_MS });
  await other.ask({ kind: "disconnect", target: "a" }).next();
  assertEquals(names(other), ["other"]);
  assertEquals(names(neighbourhood.nodes.get("n0")).includes("other"), false);
});

test("NatsNodes hand over what is larger than the server lets through, however little that is", async () => {
  await using neighbourhood = await Neighbourhood.of(2, { beatMs: HOUR_MS, config: "max_payload: 8192" });
  const ids = Array.from({ length: 20_000 }, (_, n) => `id-${n}`);
  const report = { acceptedAt: 1, sent: 1, acked: 1, firstAckMs: 1 };
  for (const nodes of neighbourhood.nodes.values()) {
    nodes.serve({ ...ANSWERS, reports: ({ ids }) => Promise.resolve(ids.map((id) => ({ id, ...report }))) });
  }
  for (const answer of await all(neighbourhood.nodes.get("n0")?.ask({ kind: "reports", ids }))) {
    assertEquals("given" in answer && answer.given.map((report) => report?.id), ids);
  }
});

test("NatsNodes.close leaves nothing to wait for, and only this node to ask", async () => {
  await using neighbourhood = await Neighbourhood.of(2, { beatMs: SOON_MS });
  const n0 = neighbourhood.nodes.get("n0");
  n0?.serve(ANSWERS);
  n0?.present("alexander", 1);
  await n0?.close();
  n0?.present("alexander", 2);
  assertEquals(names(n0), ["n0"]);
  assertEquals(await all(n0?.ask({ kind: "disconnect", target: "ab" })), [{ node: "n0", given: 2 }]);
  assertEquals(n0?.elsewhere("alexander"), 0);
});
