/** NatsJournal on a store that was rolled back, by a power cut or to a snapshot: it hands numbers out a second time. */

import { assert, assertEquals } from "@std/assert";
import { headers, type MsgHdrs } from "@nats-io/nats-core";
import { eventually } from "../../eventually.ts";
import { NatsServer, test } from "../../nats/nats_server.ts";
import { ALL, draft, JournalNode, untilAvailable } from "./journal_node.ts";

/** The number of a position. */
function sequenceOf(position: string | undefined): number {
  return parseInt(position?.split("-")[1] ?? "", 36);
}

/** Appends a notification, and resolves with its position. */
async function appendAt(node: JournalNode, target: string | null = "alexander"): Promise<string> {
  const [receipt] = await untilAvailable(() => node.journal.append([draft(target)]));
  assert(receipt?.outcome === "kept");
  return receipt.position;
}

/** The headers of a message that the stream has sent on. */
function republished({ sequence, previous }: { sequence: number; previous: number }): MsgHdrs {
  const header = headers();
  header.set("Nats-Sequence", `${sequence}`);
  header.set("Nats-Last-Sequence", `${previous}`);
  return header;
}

for (const isNodeRestarted of [true, false]) {
  const who = isNodeRestarted ? "that starts after the rollback" : "that stays up";
  test(`NatsJournal ${who} cannot recover from a position whose number has another message now`, async () => {
    await using server = await NatsServer.started();
    await using stays = await JournalNode.open(server.port);
    const survives = await appendAt(stays);
    await server.stop();
    const copy = await server.copyStore();
    await server.start();
    const lost = [await appendAt(stays), await appendAt(stays, null), await appendAt(stays)];
    await server.stop();
    await server.rollBack(copy);
    await server.start();
    await stays.reachable(true);
    const node = isNodeRestarted ? await JournalNode.open(server.port) : stays;
    const positions = [];
    do positions.push(await appendAt(node)); while (sequenceOf(positions.at(-1)) < sequenceOf(lost.at(-1)));
    for (const position of lost) {
      const page = await node.journal.read("alexander", position, ALL);
      assertEquals([page.complete, page.entries.map(({ position }) => position)], [false, [
        survives,
        ...positions,
      ]]);
    }
    const page = await node.journal.read("alexander", survives, ALL);
    assertEquals([page.complete, page.entries.map(({ position }) => position)], [false, positions]);
    const next = await node.journal.read("alexander", page.next, ALL);
    assertEquals([next.complete, next.entries], [true, []]);
    if (isNodeRestarted) await node[Symbol.asyncDispose]();
  });
}

test("NatsJournal cannot recover from a position of a lost future whose number had a message that was replaced", async () => {
  await using server = await NatsServer.started();
  const before = await JournalNode.open(server.port);
  const survives = await appendAt(before);
  await server.stop();
  const copy = await server.copyStore();
  await server.start();
  await before.reachable(true);
  const lost = [
    await appendAt(before),
    await appendAt(before),
    await appendAt(before),
    await appendAt(before),
  ];
  await before[Symbol.asyncDispose]();
  await server.stop();
  await server.rollBack(copy);
  await server.start();
  await using node = await JournalNode.open(server.port);
  const missed = await node.append("alexander");
  const duel = { topic: "duel" };
  for (let n = 0; n < 20; n++) await node.journal.append([draft("alexander", duel)]);
  const last = lost.at(-1) ?? "";
  await using link = await server.link();
  assertEquals(await link.manager.streams.getMessage("tidings", { seq: sequenceOf(last) }), null);
  const page = await node.journal.read("alexander", last, ALL);
  assertEquals(page.complete, false);
  assert(page.entries.some(({ text }) => JSON.parse(text).data === missed[0]));
  assert((await node.journal.read("alexander", survives, ALL)).complete);
  assert((await node.journal.read("alexander", page.next, ALL)).complete);
});

test("NatsJournal reports a gap for everyone after a rollback, and offers what follows under numbers that it knows", async () => {
  await using server = await NatsServer.started();
  await using node = await JournalNode.open(server.port);
  await node.journal.follow("alexander");
  await appendAt(node);
  await server.stop();
  await node.reachable(false);
  const copy = await server.copyStore();
  await server.start();
  await node.reachable(true);
  const lost = await appendAt(node);
  await appendAt(node);
  await eventually(() => node.offered.length === 3);
  await server.stop();
  await server.rollBack(copy);
  await server.start();
  await eventually(() => node.losses.length > 0);
  await node.reachable(true);
  assert(node.losses.includes("tidings rolled back"));
  assert(node.gaps.includes(null));
  const [data] = await node.append("alexander");
  await eventually(() => node.offered.at(-1) === data);
  assertEquals((await node.journal.read("alexander", lost, ALL)).complete, false);
});

test("NatsJournal tells whoever was away for all of the time that is lost, also on a node that had seen nothing of it", async () => {
  await using server = await NatsServer.started();
  await using noticing = await JournalNode.open(server.port);
  const seen = await appendAt(noticing);
  await server.stop();
  const copy = await server.copyStore();
  await server.start();
  await noticing.reachable(true);
  await appendAt(noticing);
  await noticing.checked();
  const failing = noticing.failChecks();
  await server.stop();
  await server.rollBack(copy);
  await server.start();
  await using other = await JournalNode.open(server.port);
  assert((await other.journal.read("alexander", seen, ALL)).complete, "nobody has noticed it");
  failing[Symbol.dispose]();
  const isComplete = async (after: string) => (await other.journal.read("alexander", after, ALL)).complete;
  await eventually(async () => !await isComplete(seen));
  assert(await isComplete(await appendAt(other)), "what follows is complete");
  assertEquals(other.losses, []);
});

test("NatsJournal tells of a loss on every page of those that were away, so that each is told once", async () => {
  await using server = await NatsServer.started();
  await using node = await JournalNode.open(server.port);
  const positions = [await appendAt(node), await appendAt(node), await appendAt(node)];
  await using link = await server.link();
  await link.jetstream.publish("tidings.mark.loss"); // as after a restore without nodes
  await using later = await JournalNode.open(server.port);
  const limit = { ...ALL, entries: 1 };
  const pages = await Promise.all(
    positions.slice(0, 2).map((after) => later.journal.read("alexander", after, limit)),
  );
  assertEquals(pages.map(({ complete, entries }) => [complete, entries.length]), [[false, 1], [false, 1]]);
  const losses = new Set(pages.map(({ lossThrough }) => lossThrough));
  assertEquals([losses.size, losses.has(undefined)], [1, false]);
});

test("NatsJournal notices a rollback although the stream is longer than before when it is checked", async () => {
  await using server = await NatsServer.started();
  await using node = await JournalNode.open(server.port);
  await node.journal.follow("alexander");
  await server.stop();
  await node.reachable(false);
  const copy = await server.copyStore();
  await server.start();
  await node.reachable(true);
  await node.append("alexander");
  await eventually(() => node.offered.length === 1);
  const failing = node.failChecks();
  await server.stop();
  await server.rollBack(copy);
  await server.start();
  await using other = await JournalNode.open(server.port);
  const unseen = await other.append("alexander", "alexander", "alexander", "alexander");
  assertEquals(node.gaps, []);
  failing[Symbol.dispose]();
  await eventually(() => node.gaps.includes(null));
  assert(node.losses.includes("tidings rolled back"));
  const [data] = await other.append("alexander");
  await eventually(() => node.offered.at(-1) === data);
  assertEquals(node.offered.filter((one) => unseen.includes(one)), [], "these are read from the journal");
});

test("NatsJournal takes a restart of NATS without a loss for no rollback, also if its latest message was replaced", async () => {
  await using server = await NatsServer.started();
  await using node = await JournalNode.open(server.port);
  await using other = await JournalNode.open(server.port);
  await node.journal.follow("alexander");
  const [first] = await node.journal.append([draft("alexander", { topic: "duel" })]);
  assert(first?.outcome === "kept");
  await eventually(() => node.offered.length === 1);
  await other.journal.append([draft("alexander", { topic: "duel" })]);
  await server.stop();
  await node.reachable(false);
  await server.start();
  await node.reachable(true);
  assertEquals([node.losses, node.gaps.includes(null)], [[], false]);
  assert((await node.journal.read("alexander", first.position, ALL)).complete);
});

test("NatsJournal checks the stream when a message arrives whose number is not the highest", async () => {
  await using server = await NatsServer.started();
  await using node = await JournalNode.open(server.port, { checkMs: 60_000 });
  await using link = await server.link();
  await node.journal.follow("alexander");
  await node.append("alexander");
  await eventually(() => node.offered.length === 1);
  await link.manager.streams.delete("tidings"); // nothing else makes the node check within a minute
  link.connection.publish("tidings.out.e.~", "{}", { headers: republished({ sequence: 1, previous: 0 }) });
  await eventually(() => node.reported.some((text) => text.includes("the stream tidings is missing")));
});

test("NatsJournal recovers from a position of version 0.1.0, which has no stamp", async () => {
  await using server = await NatsServer.started();
  await using node = await JournalNode.open(server.port);
  const [epoch, digits] = (await appendAt(node)).split("-");
  const [later] = await node.append("alexander");
  assertEquals(await node.read("alexander", `${epoch}-${digits}`), [later]);
});

test("NatsJournal answers a repeat with the position that the notification got at first", async () => {
  await using server = await NatsServer.started();
  await using node = await JournalNode.open(server.port);
  await node.journal.follow("alexander");
  const one = draft("alexander", { digest: "d" });
  const [first, twice] = await node.journal.append([one, one]);
  const [again] = await node.journal.append([one]);
  assert(first?.outcome === "kept" && twice?.outcome === "repeated" && again?.outcome === "repeated");
  assertEquals([twice.position, again.position], [first.position, first.position]);
  const start = await node.head();
  assertEquals(start, first.position);
});

for (const part of ["tidings-topics", "tidings-ids"]) {
  test(`NatsJournal notices that only the stream ${part} was rolled back`, async () => {
    await using server = await NatsServer.started();
    await using node = await JournalNode.open(server.port);
    await node.journal.append([draft("burr", { topic: "duel", digest: "d" })]);
    await server.stop();
    await node.reachable(false);
    const copy = await server.copyStore();
    await server.start();
    await node.reachable(true);
    const start = await node.head();
    await node.journal.append([draft("alexander", { topic: "duel", digest: "d" })]);
    await eventually(async () => (await node.read("alexander", start)).length === 1);
    await node.checked(); // so that the node has seen how long the streams are
    await server.stop();
    await node.reachable(false);
    await server.rollBack(copy, `jetstream/$G/streams/${part}`);
    await server.start();
    await node.reachable(true);
    assertEquals(node.losses, [`${part} rolled back`]);
    const { complete } = await node.journal.read("alexander", start, ALL);
    assertEquals(
      complete,
      part === "tidings-ids",
      "without its record, a notification with a topic is not found",
    );
  });
}
