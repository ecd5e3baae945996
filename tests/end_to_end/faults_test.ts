/** Tests of faults under load, in NATS, in a connection to NATS, and in nodes. */

import { assert, assertEquals } from "@std/assert";
import { test } from "../nats/nats_server.ts";
import { Cluster } from "./cluster.ts";
import { Load } from "./load.ts";
import { ReturningTab } from "./returning_tab.ts";

const SOME = 150; // notifications, so that each fault happens under load

test("The service loses nothing when NATS is killed and restarted", async () => {
  await using cluster = await Cluster.start();
  const load = await Load.start(cluster);
  await load.waitForAccepted(SOME);
  await cluster.nats.server.stop();
  await Promise.all([0, 1, 2].map((node) => cluster.waitForReadiness(node, 503)));
  await cluster.nats.server.start();
  await Promise.all([0, 1, 2].map((node) => cluster.waitForReadiness(node, 200)));
  await load.waitForAccepted(SOME);
  await load.finish("NATS killed and restarted");
  assert((load.statuses.get(503) ?? 0) > 0);
});

test("The service loses nothing when the leader of the stream among three NATS servers is killed", async () => {
  await using cluster = await Cluster.startReplicated();
  const load = await Load.start(cluster);
  await load.waitForAccepted(SOME);
  const { servers } = cluster.nats;
  const leader = await servers.leaderOf("tidings");
  await leader.stop();
  await load.waitForAccepted(SOME);
  await leader.start();
  await load.waitForAccepted(SOME);
  await load.finish("the leader of three NATS servers killed and restarted");
});

for (const how of ["broken", "silent"] as const) {
  test(`The service loses nothing when one node's connection to NATS is ${how}`, async () => {
    await using cluster = await Cluster.start();
    const load = await Load.start(cluster);
    await load.waitForAccepted(SOME);
    cluster.nats.proxies[1]?.cut(how);
    await cluster.waitForReadiness(1, 503);
    await load.waitForAccepted(SOME);
    cluster.nats.proxies[1]?.heal();
    await cluster.waitForReadiness(1, 200);
    await load.waitForAccepted(SOME);
    await load.finish(`one node's connection ${how} and healed`);
  });
}

test("The service loses nothing when a node is killed", async () => {
  await using cluster = await Cluster.start();
  const load = await Load.start(cluster);
  await load.waitForAccepted(SOME);
  await cluster.stopNode(2, "SIGKILL");
  await load.waitForAccepted(SOME);
  await cluster.startNode(2);
  await load.waitForAccepted(SOME);
  await load.finish("a node killed and restarted");
});

test("The service loses nothing when all nodes are restarted, one after the other", async () => {
  await using cluster = await Cluster.start();
  const load = await Load.start(cluster);
  for (const node of [0, 1, 2]) {
    await load.waitForAccepted(SOME);
    await cluster.stopNode(node, "SIGTERM");
    await cluster.startNode(node);
    await cluster.waitForReadiness(node, 200);
  }
  await load.waitForAccepted(SOME);
  await load.finish("all nodes restarted, one after the other");
});

test("The service delivers the only notification that was accepted while a node's connection was cut", async () => {
  await using cluster = await Cluster.start(2);
  const tab = new ReturningTab("alexander");
  await tab.connect(cluster.node(0).port);
  for (const how of ["broken", "silent"] as const) {
    cluster.nats.proxies[0]?.cut(how);
    await cluster.waitForReadiness(0, 503);
    await cluster.node(1).notify({ target: "alexander", data: how });
    cluster.nats.proxies[0]?.heal();
    await tab.waitFor(how);
  }
  assertEquals(tab.received.map(({ data }) => data), ["broken", "silent"]);
  assertEquals([tab.recovered, tab.missed], [[null], 0]);
  await tab.disconnect();
});

test("The service stores each notification of an array once if NATS is killed midway and the array is repeated", async () => {
  await using cluster = await Cluster.start(2);
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
  cluster.nats.proxies[0]?.breakAfter(1_000_000); // their ids take 0.4 MB, and the notifications 1.2 MB
  assertEquals(await post(), 503);
  await cluster.nats.server.stop();
  assertEquals(await post(), 503);
  await cluster.nats.server.start();
  cluster.nats.proxies[0]?.heal();
  await Promise.all([0, 1].map((node) => cluster.waitForReadiness(node, 200)));
  assertEquals(await post(), 202);
  await cluster.node(0).notify({ target: "alexander", data: "end" });
  await tab.waitFor("end");
  const numbers = tab.received.slice(0, -1).map(({ data }) => (data as { n: number }).n);
  assertEquals(numbers.toSorted((a, b) => a - b), array.map((_, n) => n));
  await tab.disconnect();
});
