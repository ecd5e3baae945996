/** NatsNodes when nodes, lines and servers fail, and when others talk nonsense. */

import { assert, assertEquals } from "@std/assert";
import { presenceSubject } from "../../../src/nats/subjects.ts";
import { eventually } from "../../eventually.ts";
import { test } from "../../nats/nats_server.ts";
import { FaultyProxy } from "../../nats/faulty_proxy.ts";
import { all, ANSWERS, names, Neighbourhood } from "./test_cluster.ts";

const HOUR_MS = 3_600_000; // a beat that does not come in a test
const SOON_MS = 25;
const ACKS = { kind: "acks", notifications: [], withinMs: 60_000 } as const;

for (const how of ["broken", "silent"] as const) {
  test(`NatsNodes have all others among the answers, as failures, while their own line is ${how}`, async () => {
    await using neighbourhood = await Neighbourhood.of(2, { beatMs: SOON_MS });
    await using wire = new FaultyProxy(neighbourhood.server.port);
    let beats = 0; // at each it is asked how many connections there are
    const connections = () => beats++;
    const cut = await neighbourhood.join("cut", { port: wire.port, beatMs: SOON_MS, connections });
    cut.serve(ANSWERS);
    await neighbourhood.know(3);
    wire.cut(how);
    await eventually(() => names(neighbourhood.nodes.get("n0")).length === 2);
    const before = beats;
    await eventually(() => beats > before + 3);
    const answers = await all(cut.ask({ kind: "disconnect", target: "abc" }));
    assertEquals(answers.map((answer) => [answer.node, "given" in answer]), [
      ["cut", true],
      ["n0", false],
      ["n1", false],
    ]);
    wire.heal();
    await neighbourhood.know(3);
    await neighbourhood.leave("cut");
  });
}

test("NatsNodes fail for the others at once while the line is down and they do not know yet who is gone", async () => {
  await using neighbourhood = await Neighbourhood.of(2, { beatMs: HOUR_MS });
  const n0 = neighbourhood.nodes.get("n0");
  n0?.serve(ANSWERS);
  await neighbourhood.server.stop();
  await eventually(() => !neighbourhood.link("n0").isUp);
  assertEquals(await all(n0?.ask({ kind: "disconnect", target: "a" })), [
    { node: "n0", given: 1 },
    { node: "n1", failed: "cannot be reached" },
  ]);
});

test("NatsNodes find each other again after a restart of the server, with all their targets", async () => {
  await using neighbourhood = await Neighbourhood.of(2, { beatMs: SOON_MS });
  const [n0, n1] = [...neighbourhood.nodes.values()];
  const targets = Array.from({ length: 2_000 }, (_, n) => `target-${n}`);
  for (const target of targets) for (const nodes of [n0, n1]) nodes?.present(target, 2);
  await neighbourhood.server.stop();
  await eventually(() => !neighbourhood.link("n0").isUp && !neighbourhood.link("n1").isUp);
  for (const target of targets) n0?.present(target, 3);
  await neighbourhood.server.start();
  await eventually(() =>
    targets.every((target) => n1?.elsewhere(target) === 3) &&
    targets.every((target) => n0?.elsewhere(target) === 2)
  );
});

test("NatsNodes have a node that vanishes while it is asked among the answers, as a failure", async () => {
  await using neighbourhood = await Neighbourhood.of(2, { beatMs: SOON_MS });
  await using wire = new FaultyProxy(neighbourhood.server.port);
  const cut = await neighbourhood.join("cut", { port: wire.port, beatMs: SOON_MS });
  await neighbourhood.know(3);
  const asked = Promise.withResolvers<void>();
  for (const nodes of neighbourhood.nodes.values()) nodes.serve(ANSWERS);
  cut.serve({
    ...ANSWERS,
    acks(_, signal) {
      asked.resolve();
      return new Promise((resolve) => signal.addEventListener("abort", () => resolve(null)));
    },
  });
  const answering = neighbourhood.nodes.get("n0")?.ask(ACKS);
  const others = [await answering?.next(), await answering?.next()].map((next) => next?.value?.node);
  await asked.promise;
  wire.cut("silent");
  assertEquals([others.toSorted(), await all(answering)], [["n0", "n1"], [
    { node: "cut", failed: "did not answer" },
  ]]);
  wire.heal();
  await neighbourhood.leave("cut");
});

for (const [does, how, beatMs] of [["leaves", "leave", HOUR_MS], ["vanishes", "kill", SOON_MS]] as const) {
  test(`NatsNodes that are asked are told when the asker ${does}`, async () => {
    await using neighbourhood = await Neighbourhood.of(2, { beatMs });
    const asked = Promise.withResolvers<void>(), told = Promise.withResolvers<void>();
    for (const nodes of neighbourhood.nodes.values()) nodes.serve(ANSWERS);
    neighbourhood.nodes.get("n1")?.serve({
      ...ANSWERS,
      acks(_, signal) {
        signal.addEventListener("abort", () => told.resolve());
        asked.resolve();
        return new Promise(() => {});
      },
    });
    const answering = all(neighbourhood.nodes.get("n0")?.ask(ACKS));
    await asked.promise;
    await neighbourhood[how]("n0");
    await told.promise;
    assertEquals(await answering, [{ node: "n0", given: null }, {
      node: "n1",
      failed: "was not waited for",
    }]);
  });
}

test("NatsNodes that leave while they are asked are failures", async () => {
  await using neighbourhood = await Neighbourhood.of(2, { beatMs: HOUR_MS });
  const [n0, n1] = [...neighbourhood.nodes.values()];
  const asked = Promise.withResolvers<void>();
  n0?.serve(ANSWERS);
  n1?.serve({
    ...ANSWERS,
    acks() {
      asked.resolve();
      return new Promise(() => {});
    },
  });
  const answering = all(n0?.ask(ACKS));
  await asked.promise;
  await neighbourhood.leave("n1");
  assertEquals(await answering, [{ node: "n0", given: null }, { node: "n1", failed: "did not answer" }]);
});

test("NatsNodes take it that a node is gone if nobody listens where it is asked", async () => {
  await using neighbourhood = await Neighbourhood.of(1, { beatMs: HOUR_MS });
  const n0 = neighbourhood.nodes.get("n0");
  n0?.serve(ANSWERS);
  const ghost = { node: "ghost", connections: 1, capacity: 1, has: "stayed" };
  neighbourhood.link("n0").connection.publish("tidings.nodes.beat", JSON.stringify(ghost));
  await neighbourhood.know(2);
  assertEquals(await all(n0?.ask({ kind: "disconnect", target: "a" })), [{ node: "n0", given: 1 }]);
  assertEquals(names(n0), ["n0"]);
});

test("NatsNodes report what is malformed, and go on", async () => {
  await using neighbourhood = await Neighbourhood.of(2, { beatMs: HOUR_MS });
  const [n0, n1] = [...neighbourhood.nodes.values()];
  for (const nodes of [n0, n1]) nodes?.serve(ANSWERS);
  n0?.present("alexander", 1);
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
  const { connection } = neighbourhood.link("n1");
  for (const subject of subjects) for (const text of wrong) connection.publish(subject, text);
  await eventually(() => neighbourhood.reported.length >= subjects.length * wrong.length);
  assert(neighbourhood.reported.every((error) => error instanceof Error));
  const reply = { reply: "somewhere.1" };
  connection.publish("tidings.nodes.ask.n0", '{"node":"n1","question":{"kind":"disconnect"}}', reply);
  assertEquals(
    (await all(n1?.ask({ kind: "disconnect", target: "ab" }))).map((answer) => "given" in answer),
    [
      true,
      true,
    ],
  );
  assertEquals(names(n0), ["n0", "n1"]);
});
