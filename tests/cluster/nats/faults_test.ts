/** Tests NatsNodes when nodes, network connections and servers fail, and when they receive invalid messages. */

import { assert, assertEquals } from "@std/assert";
import { presenceSubject } from "../../../src/nats/subjects.ts";
import { eventually } from "../../eventually.ts";
import { test } from "../../nats/nats_server.ts";
import { FaultyProxy } from "../../nats/faulty_proxy.ts";
import { all, HANDLERS, memberNames, TestCluster } from "./test_cluster.ts";

const HOUR_MS = 3_600_000; // no heartbeat during the test
const FAST_MS = 25;
const ACKS = { kind: "acks", notifications: [], withinMs: 60_000 } as const;

for (const how of ["broken", "silent"] as const) {
  test(`NatsNodes yield errors for all other nodes while their own connection is ${how}`, async () => {
    await using cluster = await TestCluster.start(2, { beatMs: FAST_MS });
    await using proxy = new FaultyProxy(cluster.server.port);
    let beats = 0; // every heartbeat contains the number of connections
    const connections = () => beats++;
    const cut = await cluster.join("cut", { port: proxy.port, beatMs: FAST_MS, connections });
    cut.serve(HANDLERS);
    await cluster.hasMembers(3);
    proxy.cut(how);
    await eventually(() => memberNames(cluster.nodes.get("n0")).length === 2, "n0 has removed the cut node");
    const before = beats;
    await eventually(() => beats > before + 3, "the cut node has sent three more heartbeats");
    const answers = await all(cut.ask({ kind: "disconnect", target: "abc" }));
    assertEquals(answers.map((answer) => [answer.node, "value" in answer]), [
      ["cut", true],
      ["n0", false],
      ["n1", false],
    ]);
    proxy.heal();
    await cluster.hasMembers(3);
    await cluster.leave("cut");
  });
}

test("NatsNodes yield errors for the others at once while NATS is down, before they have missed heartbeats", async () => {
  await using cluster = await TestCluster.start(2, { beatMs: HOUR_MS });
  const n0 = cluster.nodes.get("n0");
  n0?.serve(HANDLERS);
  await cluster.server.stop();
  await eventually(() => !cluster.link("n0").isUp, "the link of n0 is down");
  assertEquals(await all(n0?.ask({ kind: "disconnect", target: "a" })), [
    { node: "n0", value: 1 },
    { node: "n1", error: "cannot be reached" },
  ]);
});

test("NatsNodes find each other again after a restart of the server, with all their targets", async () => {
  await using cluster = await TestCluster.start(2, { beatMs: FAST_MS });
  const [n0, n1] = [...cluster.nodes.values()];
  const targets = Array.from({ length: 2_000 }, (_, n) => `target-${n}`);
  for (const target of targets) for (const nodes of [n0, n1]) nodes?.announce(target, 2);
  await cluster.server.stop();
  await eventually(() => !cluster.link("n0").isUp && !cluster.link("n1").isUp, "both links are down");
  for (const target of targets) n0?.announce(target, 3);
  await cluster.server.start();
  await eventually(
    () =>
      targets.every((target) => n1?.connectionsElsewhere(target) === 3) &&
      targets.every((target) => n0?.connectionsElsewhere(target) === 2),
    "each node knows all connections of the other one",
  );
});

test("NatsNodes yield an error for a node that vanishes while it is answering", async () => {
  await using cluster = await TestCluster.start(2, { beatMs: FAST_MS });
  await using proxy = new FaultyProxy(cluster.server.port);
  const cut = await cluster.join("cut", { port: proxy.port, beatMs: FAST_MS });
  await cluster.hasMembers(3);
  const asked = Promise.withResolvers<void>();
  for (const nodes of cluster.nodes.values()) nodes.serve(HANDLERS);
  cut.serve({
    ...HANDLERS,
    acks(_, signal) {
      asked.resolve();
      return new Promise((resolve) => signal.addEventListener("abort", () => resolve(null)));
    },
  });
  const answers = cluster.nodes.get("n0")?.ask(ACKS);
  const others = [await answers?.next(), await answers?.next()].map((next) => next?.value?.node);
  await asked.promise;
  proxy.cut("silent");
  assertEquals([others.toSorted(), await all(answers)], [["n0", "n1"], [
    { node: "cut", error: "did not answer" },
  ]]);
  proxy.heal();
  await cluster.leave("cut");
});

for (const [does, how, beatMs] of [["leaves", "leave", HOUR_MS], ["vanishes", "kill", FAST_MS]] as const) {
  test(`NatsNodes abort their handlers' signals when the asker ${does}`, async () => {
    await using cluster = await TestCluster.start(2, { beatMs });
    const asked = Promise.withResolvers<void>(), aborted = Promise.withResolvers<void>();
    for (const nodes of cluster.nodes.values()) nodes.serve(HANDLERS);
    cluster.nodes.get("n1")?.serve({
      ...HANDLERS,
      acks(_, signal) {
        signal.addEventListener("abort", () => aborted.resolve());
        asked.resolve();
        return new Promise(() => {});
      },
    });
    const answers = all(cluster.nodes.get("n0")?.ask(ACKS));
    await asked.promise;
    await cluster[how]("n0");
    await aborted.promise;
    assertEquals(await answers, [{ node: "n0", value: null }, {
      node: "n1",
      error: "was not waited for",
    }]);
  });
}

test("NatsNodes yield an error for a node that leaves while it is answering", async () => {
  await using cluster = await TestCluster.start(2, { beatMs: HOUR_MS });
  const [n0, n1] = [...cluster.nodes.values()];
  const asked = Promise.withResolvers<void>();
  n0?.serve(HANDLERS);
  n1?.serve({
    ...HANDLERS,
    acks() {
      asked.resolve();
      return new Promise(() => {});
    },
  });
  const answers = all(n0?.ask(ACKS));
  await asked.promise;
  await cluster.leave("n1");
  assertEquals(await answers, [{ node: "n0", value: null }, { node: "n1", error: "did not answer" }]);
});

test("NatsNodes remove a node if nobody is subscribed to its subject", async () => {
  await using cluster = await TestCluster.start(1, { beatMs: HOUR_MS });
  const n0 = cluster.nodes.get("n0");
  n0?.serve(HANDLERS);
  const ghost = { node: "ghost", connections: 1, capacity: 1, status: "alive" };
  cluster.link("n0").connection.publish("tidings.nodes.beat", JSON.stringify(ghost));
  await cluster.hasMembers(2);
  assertEquals(await all(n0?.ask({ kind: "disconnect", target: "a" })), [{ node: "n0", value: 1 }]);
  assertEquals(memberNames(n0), ["n0"]);
});

test("NatsNodes report invalid messages, and keep working", async () => {
  await using cluster = await TestCluster.start(2, { beatMs: HOUR_MS });
  const [n0, n1] = [...cluster.nodes.values()];
  for (const nodes of [n0, n1]) nodes?.serve(HANDLERS);
  n0?.announce("alexander", 1);
  const subjects = ["tidings.nodes.beat", "tidings.nodes.ask.n0", presenceSubject("tidings", "alexander")];
  const wrong = [
    "",
    "{",
    "null",
    "[]",
    "\xff",
    '{"node":"*"}',
    '{"node":"n1","question":{"kind":"toString"}}',
  ];
  const { connection } = cluster.link("n1");
  for (const subject of subjects) for (const text of wrong) connection.publish(subject, text);
  const expected = subjects.length * wrong.length;
  await eventually(() => cluster.reported.length >= expected, `${expected} errors are reported`);
  assert(cluster.reported.every((error) => error instanceof Error));
  const reply = { reply: "somewhere.1" };
  connection.publish("tidings.nodes.ask.n0", '{"node":"n1","question":{"kind":"disconnect"}}', reply);
  assertEquals(
    (await all(n1?.ask({ kind: "disconnect", target: "ab" }))).map((answer) => "value" in answer),
    [true, true],
  );
  assertEquals(memberNames(n0), ["n0", "n1"]);
});
