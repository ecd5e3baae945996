/** NatsJournal creates streams again that were lost while it runs, and refuses those that it cannot use. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { UnavailableError } from "../../../src/journal/journal.ts";
import { ensureStreams } from "../../../src/journal/nats/streams.ts";
import { leaderElectedSubject } from "../../../src/nats/subjects.ts";
import { eventually } from "../../eventually.ts";
import { NatsServer, test } from "../../nats/nats_server.ts";
import { ALL, draft, JournalNode, OPTIONS, untilAvailable } from "./journal_node.ts";

const STREAMS = ["tidings", "tidings-ids", "tidings-topics"];

test("NatsJournal creates all streams again if NATS comes back without them", async () => {
  await using server = await NatsServer.started();
  await using node = await JournalNode.open(server.port);
  await using other = await JournalNode.open(server.port);
  await node.journal.follow("alexander");
  await node.append("alexander");
  const start = await node.head();
  await server.stop();
  await server.wipeStore();
  await server.start();
  await eventually(() => node.losses.length + other.losses.length >= 6);
  for (const { losses } of [node, other]) {
    assertEquals(losses.map((loss) => loss.split(" ")[0]).toSorted(), STREAMS);
  }
  assert([...node.losses, ...other.losses].includes("tidings missing"));
  await Promise.all([node.reachable(true), other.reachable(true)]);
  assertEquals(node.gaps, [null]);
  assertEquals((await node.journal.read("alexander", start, ALL)).complete, false);
  const [data] = await untilAvailable(() => other.append("alexander"));
  await eventually(() => node.offered.at(-1) === data);
  assertEquals(
    [node, other].flatMap(({ reported }) => reported).filter((text) => /not enabled/.test(text)),
    [],
  );
});

for (const name of STREAMS) {
  test(`NatsJournal creates the stream ${name} again if it was deleted, and goes on`, async () => {
    await using server = await NatsServer.started();
    await using node = await JournalNode.open(server.port);
    await using link = await server.link();
    await node.journal.follow("alexander");
    const start = await node.head();
    const id = { digest: "d", topic: "duel" };
    const one = draft("alexander", id);
    await node.journal.append([one, draft("alexander")]);
    await link.manager.streams.delete(name);
    await eventually(() => node.losses.length > 0);
    assertEquals(node.losses, [`${name} missing`]);
    const { complete, next } = await untilAvailable(() => node.journal.read("alexander", start, ALL));
    assertEquals(complete, name === "tidings-ids", "without its topic, a notification cannot be found");
    assertEquals(node.gaps, name === "tidings" ? [null] : []);
    const [again] = await untilAvailable(() => node.journal.append([one]));
    assertEquals(again?.outcome, name === "tidings-topics" ? "repeated" : "kept");
    const [later] = await node.append("alexander");
    await eventually(() => node.offered.at(-1) === later);
    assert((await node.journal.read("alexander", next, ALL)).complete);
  });
}

test("NatsJournal notes that topics are lost if it starts without their stream", async () => {
  await using server = await NatsServer.started();
  const before = await JournalNode.open(server.port);
  const start = await before.head();
  await before.journal.append([draft("alexander", { topic: "duel" })]);
  await before[Symbol.asyncDispose]();
  await using link = await server.link();
  await link.manager.streams.delete("tidings-topics");
  await using node = await JournalNode.open(server.port);
  assertEquals(node.losses, ["tidings-topics missing"]);
  const page = await node.journal.read("alexander", start, ALL);
  assertEquals(page.complete, false);
  assert((await node.journal.read("alexander", page.next, ALL)).complete);
});

for (const name of STREAMS) {
  test(`NatsJournal says that the stream ${name} is lost if it starts without it`, async () => {
    await using server = await NatsServer.started();
    const before = await JournalNode.open(server.port);
    await before.append("alexander");
    await before[Symbol.asyncDispose]();
    await using link = await server.link();
    await link.manager.streams.delete(name);
    await using node = await JournalNode.open(server.port);
    assertEquals(node.losses, [`${name} missing`]);
  });
}

test("NatsJournal takes nothing for lost if several nodes start at once on a new server", async () => {
  await using server = await NatsServer.started();
  await using link = await server.link();
  for (let round = 0; round < 8; round++) {
    const nodes = await Promise.all(Array.from({ length: 5 }, () => JournalNode.open(server.port)));
    assertEquals(nodes.flatMap(({ losses }) => losses), []);
    for (const node of nodes) await node[Symbol.asyncDispose]();
    for (const name of STREAMS) await link.manager.streams.delete(name);
  }
});

test("NatsJournal is out of reach while JetStream is disabled, says so once, and has lost nothing afterwards", async () => {
  await using server = await NatsServer.started();
  await using node = await JournalNode.open(server.port);
  await node.journal.follow("alexander");
  const start = await node.head();
  const before = await node.append("alexander");
  await server.stop();
  await server.enableJetStream(false);
  await server.start();
  await eventually(() => node.reported.length > 0);
  await node.reachable(false);
  const error = await assertRejects(() => node.journal.append([draft("alexander")]), UnavailableError);
  assert(error instanceof Error && error.message.includes("JetStream is disabled"));
  await server.stop();
  await server.enableJetStream(true);
  await server.start();
  await node.reachable(true);
  assertEquals(node.reported.filter((text) => text.includes("JetStream is disabled")).length, 1);
  assertEquals([await node.read("alexander", start), node.losses], [before, []]);
});

test("NatsJournal refuses a stream that somebody else has created, and can use it when it is mended", async () => {
  await using server = await NatsServer.started();
  await using node = await JournalNode.open(server.port, { checkMs: 60_000 }); // or it creates the stream first
  await using link = await server.link();
  await node.journal.follow("alexander");
  const { config } = await link.manager.streams.info("tidings");
  await link.manager.streams.delete("tidings");
  await link.manager.streams.add({ ...config, max_msgs_per_subject: 5 });
  const check = () => link.connection.publish(leaderElectedSubject("tidings"));
  check();
  const refusal = "max_msgs_per_subject is 5 but must be 1001";
  await eventually(() => node.reported.some((text) => text.includes(refusal)));
  await node.reachable(false);
  for (
    const request of [
      () => node.journal.append([draft("alexander")]),
      () => node.journal.follow("burr"),
      () => node.journal.read("alexander", null, ALL),
    ]
  ) {
    const error = await assertRejects(request, UnavailableError);
    assert(error instanceof Error && error.message.includes(refusal));
  }
  assertEquals(node.reported.filter((text) => text.includes(refusal)).length, 1);
  await link.manager.streams.update("tidings", { max_msgs_per_subject: 1_001 });
  check();
  await node.reachable(true);
  assertEquals([node.losses, node.gaps], [["tidings replaced"], [null]]);
  const [data] = await node.append("alexander");
  await eventually(() => node.offered.at(-1) === data);
});

test("NatsJournal goes on if an operator edits a stream", async () => {
  await using server = await NatsServer.started();
  await using node = await JournalNode.open(server.port);
  await using link = await server.link();
  await link.manager.streams.update("tidings", { max_msgs_per_subject: 5 });
  await server.stop();
  await node.reachable(false);
  await server.start();
  await node.reachable(true);
  await node.append("alexander");
  assertEquals(node.losses, []);
});

test("NatsJournal accepts nothing that another stream has taken", async () => {
  await using server = await NatsServer.started();
  await using node = await JournalNode.open(server.port, { checkMs: 60_000 });
  await using link = await server.link();
  await link.manager.streams.delete("tidings");
  await link.manager.streams.add({ name: "greedy", subjects: ["tidings.in.>", "tidings.mark.*"] });
  const error = await assertRejects(() => node.journal.append([draft("alexander")]), UnavailableError);
  assert(error instanceof Error && error.message.includes("the stream greedy has taken a notification"));
  await link.manager.streams.delete("greedy");
  await ensureStreams(link, OPTIONS);
});
