/** NatsJournal on one server: the contract of all journals, and what only this one does. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Feed, type Journal, type Retention, UnavailableError } from "../../../src/journal/journal.ts";
import { NatsJournal } from "../../../src/journal/nats/nats_journal.ts";
import { StreamMismatchError } from "../../../src/nats/streams.ts";
import { forgettingContract } from "../../contracts/forgetting.ts";
import { journalContract } from "../../contracts/journal.ts";
import { journalStatsContract } from "../../contracts/journal_stats.ts";
import { marksContract } from "../../contracts/marks.ts";
import { eventually } from "../../eventually.ts";
import { FaultyProxy } from "../../nats/faulty_proxy.ts";
import { NatsServer, test } from "../../nats/nats_server.ts";
import { ALL, draft, JournalNode, OPTIONS, RETENTION } from "./journal_node.ts";

/** Opens a journal with its own server, which ends when the journal is closed. */
async function openJournal(feed: Feed, retention: Retention, now: () => number): Promise<Journal> {
  const server = await NatsServer.started();
  const link = await server.link();
  const journal = await NatsJournal.open(link, feed, { ...OPTIONS, retention, now });
  const close = journal.close.bind(journal);
  journal.close = async () => {
    await close();
    await link.close();
    await server[Symbol.asyncDispose]();
  };
  return journal;
}

journalContract("NatsJournal", openJournal, test);
marksContract("NatsJournal", openJournal, test);
forgettingContract("NatsJournal", openJournal, test);
journalStatsContract("NatsJournal", openJournal, test);

test("NatsJournal says what it kept while NATS is away, at once", async () => {
  await using server = await NatsServer.started();
  await using node = await JournalNode.open(server.port);
  const before = Date.now();
  await node.append("alexander", "burr");
  await eventually(() => node.journal.stats().entries >= 2);
  const stats = node.journal.stats();
  assert(stats.oldestAt !== null && Math.abs(stats.oldestAt - before) < 60_000);
  await server.stop();
  await node.reachable(false);
  assertEquals(node.journal.stats(), stats);
});

test("NatsJournal says what all nodes keep", async () => {
  await using server = await NatsServer.started();
  await using node = await JournalNode.open(server.port);
  await using other = await JournalNode.open(server.port);
  await node.append("alexander", "burr");
  await eventually(() => other.journal.stats().entries >= 2);
});

test("NatsJournal asks NATS once for what all need who resume at the same time", async () => {
  await using server = await NatsServer.started();
  await using node = await JournalNode.open(server.port, { checkMs: 60_000 }); // its checks are messages too
  const start = await node.head();
  const expected = await node.append(null);
  const received = async () => (await server.monitoring<{ in_msgs: number }>("/varz")).in_msgs;
  const requestsOf = async (tabs: number) => {
    const before = await received();
    const targets = Array.from({ length: tabs }, (_, n) => `t${n}`);
    const all = await Promise.all(targets.map((target) => node.read(target, start)));
    assertEquals(all, targets.map(() => expected));
    return await received() - before;
  };
  const [alone, together] = [await requestsOf(1), await requestsOf(50)];
  assert(together <= 50 * alone - 49, `one reader makes ${alone} requests, and fifty make ${together}`);
});

test("NatsJournal reads for 64 at a time of those who resume, and for all in the end", async () => {
  await using server = await NatsServer.started();
  await using link = await server.link();
  const journal = await NatsJournal.open(link, { offer: () => true, gap: () => {} }, OPTIONS);
  const { next } = await journal.read("anyone", null, ALL);
  const { streams } = link.manager, getMessage = streams.getMessage.bind(streams);
  const asking = new Set<string>();
  let most = 0;
  streams.getMessage = async (stream, query) => {
    const subject = "next_by_subj" in query ? `${query.next_by_subj}` : "";
    const target = /\.in\.t\.([^.]+)/.exec(subject)?.[1];
    if (target !== undefined) most = Math.max(most, asking.add(target).size);
    return await getMessage(stream, query).finally(() => target !== undefined && asking.delete(target));
  };
  const pages = await Promise.all(Array.from({ length: 300 }, (_, n) => journal.read(`t${n}`, next, ALL)));
  assert(pages.every(({ complete }) => complete));
  assert(most > 1 && most <= 64, `${most} at a time`);
  await journal.close();
});

/** Resolves when a notification is stored: the server handles what a broken connection brought a moment later. */
async function storesSome(server: NatsServer): Promise<void> {
  await using link = await server.link();
  await eventually(async () => {
    const { state } = await link.manager.streams.info("tidings");
    return state.messages >= 2; // the first message is a marker
  });
}

test("NatsJournal rejects pending requests as soon as the connection is lost", async () => {
  await using server = await NatsServer.started();
  await using proxy = new FaultyProxy(server.port);
  await using node = await JournalNode.open(proxy.port, { requestMs: 60_000 });
  const start = await node.head();
  await node.append("alexander");
  proxy.cut("silent");
  const requests = [
    () => node.journal.read("alexander", start, ALL),
    () => node.journal.append([draft("alexander")]),
    () => node.journal.follow("alexander"),
  ];
  const rejections = requests.map((request) => assertRejects(request, UnavailableError));
  proxy.cut("broken");
  await Promise.all(rejections);
});

test("NatsJournal follows a target when the leader has acked a marker on the route of the subscription", async () => {
  await using server = await NatsServer.started();
  await using node = await JournalNode.open(server.port);
  await using link = await server.link();
  const { promise: marked, resolve } = Promise.withResolvers<void>();
  link.connection.subscribe("tidings.mark.*", { callback: () => resolve() });
  await link.connection.flush();
  await Promise.all([node.journal.follow("alexander"), marked]);
});

test("NatsJournal opens when its server knows the stream, which may have been created just now", async () => {
  await using server = await NatsServer.started();
  await using link = await server.link();
  const { jetstream } = link;
  const publish = jetstream.publish.bind(jetstream);
  let unknown = 2;
  jetstream.publish = (subject, ...args) => publish(unknown-- > 0 ? `not.yet.${subject}` : subject, ...args);
  const journal = await NatsJournal.open(link, { offer: () => true, gap: () => {} }, OPTIONS);
  assert(unknown < 0);
  await journal.close();
});

test("NatsJournal keeps each draft once if NATS ends in the middle of an append that is then repeated", async () => {
  await using server = await NatsServer.started();
  await using proxy = new FaultyProxy(server.port);
  await using node = await JournalNode.open(proxy.port);
  const start = await node.head();
  const filler = "x".repeat(10_000);
  const drafts = Array.from({ length: 500 }, (_, n) => (
    draft("alexander", { data: `{"n":${n},"filler":"${filler}"}`, digest: "d" })
  ));
  proxy.breakAfter(2_500_000); // the ids take 200 kB, and the notifications 5 MB
  await assertRejects(() => node.journal.append(drafts), UnavailableError);
  await storesSome(server);
  await server.stop();
  await server.start();
  proxy.heal();
  await node.reachable(true);
  const receipts = await node.journal.append(drafts);
  assertEquals(new Set(receipts.map(({ outcome }) => outcome)), new Set(["kept", "repeated"]));
  const { entries } = await node.journal.read("alexander", start, ALL);
  const numbers = entries.map(({ text }) => JSON.parse(text).data.n);
  assertEquals(numbers.toSorted((a, b) => a - b), drafts.map((_, n) => n));
});

test("NatsJournal lists the differences if the stream exists with another configuration", async () => {
  await using server = await NatsServer.started();
  await (await JournalNode.open(server.port))[Symbol.asyncDispose]();
  const retention = { ...RETENTION, seconds: 60, perTarget: 5 };
  const error = await assertRejects(() => JournalNode.open(server.port, { retention }), StreamMismatchError);
  assert(error instanceof Error);
  for (
    const part of [
      "the stream tidings",
      "max_age is 3600 s but must be 60 s",
      "max_msgs_per_subject is 1001 but must be 6",
    ]
  ) {
    assert(error.message.includes(part), error.message);
  }
});

test("NatsJournal replays many entries with a consumer, merged in order with those to everyone", async () => {
  await using server = await NatsServer.started();
  await using node = await JournalNode.open(server.port);
  const start = await node.head();
  const targets = Array.from(
    { length: 900 },
    (_, n) => n % 3 === 0 ? null : n % 3 === 1 ? "alexander" : "burr",
  );
  const all = await node.append(...targets);
  assertEquals(await node.read("alexander", start), all.filter((_, n) => targets[n] !== "burr"));
  await using link = await server.link();
  const { state } = await link.manager.streams.info("tidings");
  assertEquals(state.consumer_count, 0);
});
