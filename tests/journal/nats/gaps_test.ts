/** NatsJournal notifies the feed of every gap, before it offers anything later to the same connections. */

import { assertEquals, assertRejects } from "@std/assert";
import { UnavailableError } from "../../../src/journal/journal.ts";
import { leaderElectedSubject, presenceSubject } from "../../../src/nats/subjects.ts";
import { eventually } from "../../eventually.ts";
import { FaultyProxy } from "../../nats/faulty_proxy.ts";
import { NatsServer, test } from "../../nats/nats_server.ts";
import { ALL, draft, JournalNode, untilAvailable } from "./journal_node.ts";

test("NatsJournal finds the last message that it missed during an interruption, and reports no other gap", async () => {
  await using server = await NatsServer.started();
  await using proxy = new FaultyProxy(server.port);
  await using cut = await JournalNode.open(proxy.port);
  await using other = await JournalNode.open(server.port);
  for (const target of ["alexander", "burr", "silent"]) await cut.journal.follow(target);
  const start = await other.head();
  const before = await other.append("alexander", "burr", "silent");
  await eventually(() => cut.offered.length === 3);
  proxy.cut("broken");
  await cut.reachable(false);
  await assertRejects(() => cut.journal.append([draft("burr")]), UnavailableError);
  await assertRejects(() => cut.journal.read("burr", start, ALL), UnavailableError);
  await assertRejects(() => cut.journal.follow("jefferson"), UnavailableError);
  const [missed] = await other.append("alexander");
  proxy.heal();
  await cut.reachable(true);
  assertEquals(cut.gaps, ["alexander"]);
  assertEquals(await cut.read("alexander", start), [before[0], missed]);
  const [next] = await other.append("alexander");
  await eventually(() => cut.offered.at(-1) === next);
  assertEquals(cut.gaps, ["alexander"], "the gap is reported once");
});

for (const [missing, later] of [["alexander", null], [null, "alexander"]] as const) {
  const [missingName, laterName] = [missing, later].map((target) => target ?? "everyone");
  test(`NatsJournal offers nothing later to ${laterName} before it has found what ${missingName} missed`, async () => {
    await using server = await NatsServer.started();
    await using proxy = new FaultyProxy(server.port);
    const { promise: presenceReceived, resolve } = Promise.withResolvers<void>();
    await using cut = await JournalNode.open(proxy.port, { onPresence: () => resolve() });
    await using other = await JournalNode.open(server.port);
    await using link = await server.link();
    await cut.journal.follow("alexander");
    const start = await other.head();
    proxy.cut("broken");
    await cut.reachable(false);
    const missed = await other.append(missing);
    const failing = cut.failChecks(); // nothing is scanned then
    proxy.heal();
    await untilAvailable(() => cut.journal.follow("burr").then(() => true));
    const heldBack = await other.append(later);
    link.connection.publish(presenceSubject("tidings", "alexander"));
    await presenceReceived; // so the entries before it have arrived too
    assertEquals([cut.offered, cut.gaps], [[], []]);
    failing[Symbol.dispose]();
    await cut.reachable(true);
    assertEquals(new Set(cut.gaps), new Set([missing, later]));
    assertEquals(await cut.read("alexander", start), [...missed, ...heldBack]);
    const next = await other.append("alexander", null);
    await eventually(() => cut.offered.length === 2);
    assertEquals(cut.offered, next);
  });
}

test("NatsJournal offers nothing from a new leader before it has found what the old leader did not send", async () => {
  await using server = await NatsServer.started();
  const { promise: presenceReceived, resolve } = Promise.withResolvers<void>();
  await using node = await JournalNode.open(server.port, { onPresence: () => resolve() });
  await using link = await server.link();
  await node.journal.follow("alexander");
  const failing = node.failChecks(); // nothing is scanned then
  link.connection.publish(leaderElectedSubject("tidings")); // cluster_test.ts checks that real servers send this
  await link.connection.flush();
  await node.append(null);
  link.connection.publish(presenceSubject("tidings", "alexander"));
  await presenceReceived; // so the entry before it has arrived too
  assertEquals([node.offered, node.gaps], [[], []]);
  failing[Symbol.dispose]();
  await eventually(() => node.gaps.length > 0);
  assertEquals([node.offered, node.gaps], [[], [null]]);
});

test("NatsJournal reports a gap for everyone if it missed a notification to everyone", async () => {
  await using server = await NatsServer.started();
  await using proxy = new FaultyProxy(server.port);
  await using cut = await JournalNode.open(proxy.port);
  await using other = await JournalNode.open(server.port);
  proxy.cut("broken");
  await cut.reachable(false);
  await other.append(null);
  proxy.heal();
  await cut.reachable(true);
  assertEquals(cut.gaps, [null]);
});
