/** NatsJournal merges what a target has read on several nodes, and keeps it whatever happens to NATS. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { errors } from "@nats-io/nats-core";
import { UnavailableError } from "../../../src/journal/journal.ts";
import type { MarkReceipt, ReadMark } from "../../../src/journal/read.ts";
import { NatsJournal } from "../../../src/journal/nats/nats_journal.ts";
import type { Position } from "../../../src/wire/position.ts";
import { eventually } from "../../eventually.ts";
import { FaultyProxy } from "../../nats/faulty_proxy.ts";
import { NatsCluster } from "../../nats/nats_cluster.ts";
import { NatsServer, test } from "../../nats/nats_server.ts";
import { ALL, draft, JournalNode, OPTIONS, untilAvailable } from "./journal_node.ts";

/** A notification that was appended. */
interface Appended {
  readonly id: string;
  readonly position: Position;
}

/** Appends notifications for alexander. */
async function append({ journal }: { journal: NatsJournal }, count: number): Promise<Appended[]> {
  const drafts = Array.from({ length: count }, () => draft("alexander", { digest: "d" }));
  const receipts = await untilAvailable(() => journal.append(drafts));
  return receipts.map((receipt, index) => {
    assert(receipt.outcome !== "conflict");
    return { id: drafts[index]?.id ?? "", position: receipt.position };
  });
}

async function markRead(
  { journal }: { journal: NatsJournal },
  ...positions: Position[]
): Promise<MarkReceipt> {
  return await journal.mark("alexander", { type: "read", positions });
}

async function markOf({ journal }: { journal: NatsJournal }): Promise<ReadMark> {
  return (await journal.inbox("alexander", null, ALL)).mark;
}

function idsRead(receipts: readonly MarkReceipt[]): string[] {
  return receipts.flatMap((receipt) => receipt.outcome === "marked" ? receipt.read : []);
}

test("NatsJournal loses no change when two nodes mark at once, and says of each id once that it was read", async () => {
  await using server = await NatsServer.started();
  await using one = await JournalNode.open(server.port);
  await using other = await JournalNode.open(server.port);
  const appended = await append(one, 120);
  const receipts = await Promise.all(appended.map(({ position }, index) => (
    markRead(index % 2 === 0 ? one : other, position)
  )));
  assertEquals(await markOf(one), { through: appended.at(-1)?.position ?? "", read: [], unread: [] });
  assertEquals(idsRead(receipts).toSorted(), appended.map(({ id }) => id).toSorted());
  await using link = await server.link();
  const { state } = await link.manager.streams.info("tidings", { subjects_filter: "tidings.in.t.*.~read" });
  assertEquals(Object.values(state.subjects ?? {}), [1], "a mark replaces the one before");
});

test("NatsJournal merges the same change of two nodes once", async () => {
  await using server = await NatsServer.started();
  await using one = await JournalNode.open(server.port);
  await using other = await JournalNode.open(server.port);
  const [first, second] = await append(one, 2);
  assert(first !== undefined && second !== undefined);
  const receipts = await Promise.all([one, other].map((node) => markRead(node, second.position)));
  assertEquals(receipts.map(({ outcome }) => outcome).toSorted(), ["marked", "unchanged"]);
  assertEquals(idsRead(receipts), [second.id]);
});

test("NatsJournal offers a mark to all nodes that follow its target, with the text that it reads", async () => {
  await using server = await NatsServer.started();
  await using one = await JournalNode.open(server.port);
  await using other = await JournalNode.open(server.port);
  for (const node of [one, other]) await node.journal.follow("alexander");
  const [first, second] = await append(one, 2);
  assert(first !== undefined && second !== undefined);
  for (const { position } of [second, first]) await markRead(one, position);
  await eventually(() => other.marks.length === 2);
  assertEquals(other.marks, one.marks);
  const { entries } = await other.journal.read("alexander", second.position, ALL);
  assertEquals(entries.map(({ text }) => text), other.marks.slice(1));
  const replaced = await other.journal.read("alexander", JSON.parse(other.marks[0] ?? "").position, ALL);
  assertEquals([replaced.complete, replaced.entries.map(({ text }) => text)], [true, other.marks.slice(1)]);
  assertEquals([one.gaps, other.gaps], [[], []]);
});

test("NatsJournal finds a mark that a node missed, but not as a loss one that was replaced", async () => {
  await using server = await NatsServer.started();
  await using proxy = new FaultyProxy(server.port);
  await using cut = await JournalNode.open(proxy.port);
  await using other = await JournalNode.open(server.port);
  for (const target of ["alexander", "burr"]) await cut.journal.follow(target);
  const appended = await append(other, 3);
  await eventually(() => cut.offered.length === 3);
  const start = await other.head();
  proxy.cut("broken");
  await cut.reachable(false);
  for (const { position } of appended) await markRead(other, position);
  proxy.heal();
  await cut.reachable(true);
  assertEquals([cut.gaps, cut.marks], [["alexander"], []]);
  const { entries, complete } = await cut.journal.read("alexander", start, ALL);
  assertEquals([entries.length, complete], [1, true]);
  const { through } = JSON.parse(entries[0]?.text ?? "");
  assertEquals(through, appended.at(-1)?.position);
});

test("NatsJournal does not merge into a mark that has expired", async () => {
  await using server = await NatsServer.started();
  let now = Date.now();
  await using node = await JournalNode.open(server.port, { now: () => now });
  const [first] = await append(node, 1);
  await markRead(node, first?.position ?? "");
  now += OPTIONS.retention.seconds * 1_000;
  assertEquals((await markOf(node)).through, null);
  const [, last] = await append(node, 2);
  await markRead(node, last?.position ?? "");
  assertEquals(await markOf(node), { through: null, read: [last?.position ?? ""], unread: [] });
});

test("NatsJournal finds each notification that a change names: with a topic, to everyone, and no others", async () => {
  await using server = await NatsServer.started();
  await using node = await JournalNode.open(server.port, {
    retention: { ...OPTIONS.retention, perTarget: 4 },
  });
  const drafts = [
    draft("alexander"),
    ...[
      draft("alexander"),
      draft("alexander", { topic: "duel" }),
      draft(null),
      draft(null, { topic: "duel" }),
    ],
    ...[draft("burr"), draft("alexander", { ttl: 0 }), draft("alexander", { ttl: 0, topic: "vote" })],
    ...[draft("alexander"), draft("alexander"), draft("alexander")],
  ];
  const positions = (await node.journal.append(drafts)).map((receipt) => (
    receipt.outcome === "conflict" ? "" : receipt.position
  ));
  const receipt = await markRead(node, ...positions.slice(0, 8)); // the first one is evicted
  assert(receipt.outcome === "marked");
  assertEquals(receipt.read, drafts.slice(1, 5).map(({ id }) => id));
  assertEquals((await markOf(node)).through, positions[4]);
});

test("NatsJournal replaces a damaged mark by the next one, and tells until then that something is missing", async () => {
  await using server = await NatsServer.started();
  await using node = await JournalNode.open(server.port);
  await using link = await server.link();
  await node.journal.follow("alexander");
  const [first, second] = await append(node, 2);
  assert(first !== undefined && second !== undefined);
  await markRead(node, second.position);
  const { seq } = await link.jetstream.publish("tidings.in.t.YWxleGFuZGVy.~read", "duel");
  await eventually(() => node.gaps.includes("alexander"));
  assertEquals(node.damaged, [seq]);
  assertEquals((await node.journal.read("alexander", second.position, ALL)).complete, false);
  assertEquals((await node.journal.inbox("alexander", null, ALL)).unread, 2);
  await markRead(node, first.position);
  assertEquals(await markOf(node), { through: first.position, read: [], unread: [] });
  assert((await node.journal.read("alexander", second.position, ALL)).complete);
});

test("NatsJournal keeps a mark when NATS is killed and restarts", async () => {
  await using server = await NatsServer.started();
  await using node = await JournalNode.open(server.port);
  const [, second] = await append(node, 3);
  assert(second !== undefined);
  await markRead(node, second.position);
  const mark = await markOf(node);
  await server.stop();
  await node.reachable(false);
  await assertRejects(() => markRead(node, second.position), UnavailableError);
  await assertRejects(() => markOf(node), UnavailableError);
  await server.start();
  await node.reachable(true);
  assertEquals([mark.read, await markOf(node)], [[second.position], mark]);
});

test("NatsJournal ignores what a change names from a future that NATS has lost", async () => {
  await using server = await NatsServer.started();
  await using node = await JournalNode.open(server.port);
  const survives = await append(node, 3);
  await markRead(node, survives[0]?.position ?? "");
  const mark = await markOf(node);
  await server.stop();
  await node.reachable(false);
  const copy = await server.copyStore();
  await server.start();
  await node.reachable(true);
  const lost = await append(node, 4);
  await markRead(node, ...[...survives, ...lost].map(({ position }) => position));
  await server.stop();
  await node.reachable(false);
  await server.rollBack(copy);
  await server.start();
  await node.reachable(true);
  assertEquals(await markOf(node), mark);
  const sequenceOf = (position = "") => position.split("-")[1] ?? "";
  const later = [];
  do later.push(...await append(node, 1)); while (
    sequenceOf(later.at(-1)?.position) < sequenceOf(lost.at(-1)?.position)
  );
  const positions = lost.map(({ position }) => position);
  assertEquals(await markRead(node, ...positions), { outcome: "unchanged" });
  for (const through of positions) {
    assertEquals(await node.journal.mark("alexander", { type: "read", through }), { outcome: "unchanged" });
    assertEquals((await node.journal.inbox("alexander", through, ALL)).entries, []);
  }
  const receipt = await markRead(node, ...survives.map(({ position }) => position), ...positions);
  assertEquals(receipt, { outcome: "marked", read: survives.slice(1).map(({ id }) => id), pushes: [] });
  assertEquals((await node.journal.inbox("alexander", null, ALL)).unread, later.length);
});

test("NatsJournal takes a position of version 0.1.0, which has no stamp, and writes it with its stamp", async () => {
  await using server = await NatsServer.started();
  await using node = await JournalNode.open(server.port);
  const [first, second] = await append(node, 2);
  assert(first !== undefined && second !== undefined);
  await markRead(node, first.position.slice(0, 20));
  assertEquals((await markOf(node)).through, first.position);
  await node.journal.mark("alexander", { type: "read", through: second.position.slice(0, 20) });
  assertEquals((await markOf(node)).through, second.position);
});

test("NatsJournal rejects a mark when the connection is cut, and marks at once when it is back", async () => {
  await using server = await NatsServer.started();
  await using proxy = new FaultyProxy(server.port);
  await using node = await JournalNode.open(proxy.port, { requestMs: 60_000 });
  const appended = await append(node, 4);
  proxy.cut("silent");
  const rejections = appended.map(({ position }) => (
    assertRejects(() => markRead(node, position), UnavailableError)
  ));
  proxy.cut("broken");
  await Promise.all(rejections);
  proxy.heal();
  await node.reachable(true);
  const receipts = await Promise.all(appended.map(({ position }) => markRead(node, position)));
  assertEquals((await markOf(node)).through, appended.at(-1)?.position);
  assert(new Set(idsRead(receipts)).size === idsRead(receipts).length);
});

test("NatsJournal takes a change again whose mark was stored without an answer, and does not store it twice", async () => {
  await using server = await NatsServer.started();
  await using link = await server.link();
  const journal = await NatsJournal.open(link, { offer: () => true, gap: () => {} }, OPTIONS);
  const [first, second] = await append({ journal }, 2);
  assert(first !== undefined && second !== undefined);
  const { jetstream } = link;
  const publish = jetstream.publish.bind(jetstream);
  jetstream.publish = async (...args) => {
    await publish(...args);
    throw new errors.TimeoutError();
  };
  await assertRejects(() => markRead({ journal }, second.position), UnavailableError);
  jetstream.publish = publish;
  const { next } = await journal.read("alexander", null, ALL);
  assertEquals(await markRead({ journal }, second.position), { outcome: "unchanged" });
  assertEquals((await journal.read("alexander", null, ALL)).next, next);
  assertEquals((await markOf({ journal })).read, [second.position]);
  await journal.close();
});

test("NatsJournal loses no change while the leader of three servers steps down and is killed", async () => {
  await using cluster = await NatsCluster.started();
  const ports = cluster.servers.map(({ port }) => port);
  const options = { replicas: 3, requestMs: 500 };
  await using one = await JournalNode.open(ports, options);
  await using other = await JournalNode.open(ports.toReversed(), options);
  const appended = await append(one, 80);
  let marked = 0;
  const marking = Promise.all([one, other].map(async (node, parity) => {
    for (const { position } of appended.filter((_, index) => index % 2 === parity)) {
      await untilAvailable(() => markRead(node, position));
      marked++;
    }
  }));
  await eventually(() => marked >= 10);
  await using link = await cluster.servers[0]?.link();
  await link?.connection.request("$JS.API.STREAM.LEADER.STEPDOWN.tidings");
  const leader = await cluster.leaderOf("tidings");
  const before = marked;
  await leader.stop();
  await marking;
  assert(before < appended.length, "marks were made after the leader was killed");
  const mark = await untilAvailable(() => markOf(one));
  assertEquals(mark, { through: appended.at(-1)?.position ?? "", read: [], unread: [] });
});
