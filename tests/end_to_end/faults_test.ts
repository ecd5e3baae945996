/** Faults: what happens to NATS, to a line and to nodes under load, and that nothing accepted is lost or doubled. */

import { assert, assertEquals } from "@std/assert";
import { test } from "../nats/nats_server.ts";
import { Cluster } from "./cluster.ts";
import { Load } from "./load.ts";
import { ReturningTab } from "./returning_tab.ts";

const SOME = 150; // notifications, so that things happen amid them

test("The service loses nothing when NATS is killed and started again", async () => {
  await using cluster = await Cluster.started();
  const load = await Load.on(cluster);
  await load.accepts(SOME);
  await cluster.nats.server.stop();
  await Promise.all([0, 1, 2].map((node) => cluster.isReady(node, 503)));
  await cluster.nats.server.start();
  await Promise.all([0, 1, 2].map((node) => cluster.isReady(node, 200)));
  await load.accepts(SOME);
  await load.counted("NATS killed and started again");
  assert((load.statuses.get(503) ?? 0) > 0);
});

test("The service loses nothing when, of three NATS servers, the one that leads the stream is killed", async () => {
  await using cluster = await Cluster.replicated();
  const load = await Load.on(cluster);
  await load.accepts(SOME);
  const { servers } = cluster.nats;
  const leader = await servers.leaderOf("tidings");
  await leader.stop();
  await load.accepts(SOME);
  await leader.start();
  await load.accepts(SOME);
  await load.counted("of three NATS servers, the leader killed and started again");
});

for (const how of ["broken", "silent"] as const) {
  test(`The service loses nothing when one node's line to NATS is ${how}`, async () => {
    await using cluster = await Cluster.started();
    const load = await Load.on(cluster);
    await load.accepts(SOME);
    cluster.nats.wires[1]?.cut(how);
    await cluster.isReady(1, 503);
    await load.accepts(SOME);
    cluster.nats.wires[1]?.heal();
    await cluster.isReady(1, 200);
    await load.accepts(SOME);
    await load.counted(`one node's line ${how} and healed`);
  });
}

test("The service loses nothing when a node is killed", async () => {
  await using cluster = await Cluster.started();
  const load = await Load.on(cluster);
  await load.accepts(SOME);
  await cluster.end(2, "SIGKILL");
  await load.accepts(SOME);
  await cluster.start(2);
  await load.accepts(SOME);
  await load.counted("a node killed and started again");
});

test("The service loses nothing when all nodes are restarted, one after the other", async () => {
  await using cluster = await Cluster.started();
  const load = await Load.on(cluster);
  for (const node of [0, 1, 2]) {
    await load.accepts(SOME);
    await cluster.end(node, "SIGTERM");
    await cluster.start(node);
    await cluster.isReady(node, 200);
  }
  await load.accepts(SOME);
  await load.counted("all nodes restarted, one after the other");
});

test("The service delivers the one notification that came while a node's line was cut, and none after it", async () => {
  await using cluster = await Cluster.started(2);
  const tab = new ReturningTab("alexander");
  await tab.connect(cluster.node(0).port);
  for (const how of ["broken", "silent"] as const) {
    cluster.nats.wires[0]?.cut(how);
    await cluster.isReady(0, 503);
    await cluster.node(1).notify({ target: "alexander", data: how });
    cluster.nats.wires[0]?.heal();
    await tab.has(how);
  }
  assertEquals(tab.got.map(({ data }) => data), ["broken", "silent"]);
  assertEquals([tab.recovered, tab.missed], [[null], 0]);
  await tab.disconnect();
});

test("The service keeps each of an array once, if NATS is killed in the middle of it and it is posted again", async () => {
  await using cluster = await Cluster.started(2);
  const tab = new ReturningTab("alexander");
  await tab.connect(cluster.node(1).port);
  const filler = "x".repeat(900);
  const array = Array.from(
    { length: 1_000 },
    (_, n) => ({ target: "alexander", id: `id-${n}`, data: { n, filler } }),
  );
  const post = async () => {
    const response = await fetch(`${cluster.node(0).url}/v1/notify`, {
      method: "POST",
      body: JSON.stringify(array),
    });
    await response.body?.cancel();
    return response.status;
  };
  cluster.nats.wires[0]?.breakAfter(1_000_000); // their ids have 0.4 MB, and they 1.2
  assertEquals(await post(), 503);
  await cluster.nats.server.stop();
  assertEquals(await post(), 503);
  await cluster.nats.server.start();
  cluster.nats.wires[0]?.heal();
  await Promise.all([0, 1].map((node) => cluster.isReady(node, 200)));
  assertEquals(await post(), 202);
  await cluster.node(0).notify({ target: "alexander", data: "end" });
  await tab.has("end");
  const numbers = tab.got.slice(0, -1).map(({ data }) => (data as { n: number }).n);
  assertEquals(numbers.toSorted((a, b) => a - b), array.map((_, n) => n));
  await tab.disconnect();
});
