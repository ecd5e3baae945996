/** Topics, as NatsJournal uses them: which topics of a target it finds, and for how many there is room. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { UnavailableError } from "../../../src/journal/journal.ts";
import { ensureStreams } from "../../../src/journal/nats/streams.ts";
import { Topics } from "../../../src/journal/nats/topics.ts";
import { NatsServer, test } from "../../nats/nats_server.ts";
import { ALL, draft, JournalNode, OPTIONS, RETENTION } from "./journal_node.ts";

const ANY_ROOM = { reserve: () => true };

test("NatsJournal records the topics of a target, and reads the newest notification of each", async () => {
  await using server = await NatsServer.started();
  await using node = await JournalNode.open(server.port, { retention: { ...RETENTION, perTarget: 3 } });
  const start = await node.head();
  const append = (...topics: string[]) =>
    node.journal.append(topics.map((topic) => draft("alexander", { topic, data: `"${topic}"` })));
  await append("a", "b", "a", "c");
  assertEquals(await node.read("alexander", start), ["b", "a", "c"]);
  await append("d");
  const page = await node.journal.read("alexander", start, ALL);
  assertEquals([page.entries.length, page.complete], [3, false], "there is room for three");
});

test("NatsJournal finds a notification with a topic as long as it is stored, however much else is stored", async () => {
  await using server = await NatsServer.started();
  await using node = await JournalNode.open(server.port, {
    retention: { ...RETENTION, bytes: 1024 * 1024 },
  });
  await using link = await server.link();
  const start = await node.head();
  const fill = (count: number) =>
    node.journal.append(Array.from({ length: count }, (_, n) => draft(`t${n}`, { digest: "d" })));
  const append = (data: string) => node.journal.append([draft("alexander", { topic: "duel", data })]);
  const read = async () => {
    const { entries, complete } = await node.journal.read("alexander", start, ALL);
    return [entries.map(({ text }) => JSON.parse(text).data), complete];
  };
  await append('"first"');
  await fill(1_500);
  const [second] = await append('"second"');
  assert(second?.outcome === "kept");
  const sequence = parseInt(second.position.split("-")[1] ?? "", 36);
  for (;;) {
    const [data, complete] = await read();
    const { state } = await link.manager.streams.info("tidings");
    if (state.first_seq > sequence) break;
    assertEquals(data, ["second"], `complete: ${complete}`);
    await fill(200);
  }
  assertEquals(await read(), [[], false]);
});

test("NatsJournal refuses a topic if there is no room for it, and still accepts notifications without one", async () => {
  await using server = await NatsServer.started();
  await using node = await JournalNode.open(server.port, { retention: { ...RETENTION, bytes: 32 * 1024 } });
  const append = (n: number) => node.journal.append([draft(`t${n}`, { topic: "duel" })]);
  const { message } = await assertRejects(async () => {
    for (let n = 0;; n++) await append(n);
  }, UnavailableError);
  assertEquals(
    message,
    "the request to NATS failed: the stream tidings-topics has no room for more topics",
  );
  await node.append("alexander");
  await append(0); // what is known has a place already
});

test("NatsJournal forgets no topic that it has accepted, whatever size its stream has", async () => {
  await using server = await NatsServer.started();
  await using link = await server.link();
  const start = { epoch: () => "", head: () => Promise.resolve(0) };
  for (let bytes = 8_000; bytes < 8_400; bytes += 50) {
    const stream = `s${bytes}`, retention = { ...RETENTION, bytes };
    await using node = await JournalNode.open(server.port, { stream, retention, checkMs: 3_600_000 });
    const targets: string[] = [];
    await assertRejects(async () => {
      for (;;) {
        const target = `target ${100 + targets.length}`;
        await node.journal.append([draft(target, { topic: "duel" })]);
        targets.push(target);
      }
    }, UnavailableError);
    assert(targets.length > 10);
    const topics = new Topics(link, { ...start, stream, max: 1, renewMs: 60_000, room: ANY_ROOM });
    for (const target of targets) assertEquals((await topics.read(target)).topics, ["duel"], target);
  }
});

test("NatsJournal forgets a topic when none of its notifications can be stored any more", async () => {
  await using server = await NatsServer.started();
  let now = Date.now();
  await using node = await JournalNode.open(server.port, {
    retention: { ...RETENTION, perTarget: 2 },
    now: () => now,
  });
  const append = (topic: string) => node.journal.append([draft("alexander", { topic, data: `"${topic}"` })]);
  const [first] = await append("a");
  assert(first?.outcome === "kept");
  now += RETENTION.seconds * 1_000;
  await append("b");
  assertEquals(await node.read("alexander", first.position), ["b"]);
  now += RETENTION.seconds * 1_000 - 1;
  await append("b"); // its record is still recent, so it is not renewed
  now += 1;
  await append("c");
  assertEquals(await node.read("alexander", first.position), ["b", "c"], "there is room for two");
});

test("Topics are complete in a new stream, whatever was missing in an earlier one", async () => {
  await using server = await NatsServer.started();
  await using link = await server.link();
  await ensureStreams(link, OPTIONS);
  let epoch = "earlier";
  const head = () => Promise.resolve(1_000);
  const options = { stream: "tidings", max: 1, renewMs: 60_000, head, epoch: () => epoch, room: ANY_ROOM };
  const topics = new Topics(link, options);
  const completeAfter = async (target: string | null) => (await topics.read(target)).completeAfter;
  await topics.record("alexander", { topics: ["a", "b"], now: 1 });
  await topics.recordLoss();
  assertEquals([await completeAfter("alexander"), await completeAfter(null)], [1_000, 1_000]);
  epoch = "later";
  assertEquals([await completeAfter("alexander"), await completeAfter(null)], [0, 0]);
  await topics.record("alexander", { topics: ["b"], now: 70_000 });
  epoch = "earlier";
  assertEquals(await completeAfter("alexander"), 0);
});
