/** Intake refuses drafts that have no room, reports those that are accepted, and answers after they are sent. */

import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { Channel } from "../../src/async/channel.ts";
import { nextTurn } from "../../src/async/next_turn.ts";
import type { Connection } from "../../src/hub/connection.ts";
import { NotificationFeed } from "../../src/hub/feed.ts";
import { Hub } from "../../src/hub/hub.ts";
import { Outbox } from "../../src/hub/outbox.ts";
import { Pacer } from "../../src/hub/pacer.ts";
import { type Draft, type Journal, type Receipt, UnavailableError } from "../../src/journal/journal.ts";
import { MemoryJournal } from "../../src/journal/memory.ts";
import type { AddReceipt } from "../../src/schedule/schedule.ts";
import { Problem } from "../../src/wire/problem.ts";
import type { Intake } from "../../src/sources/intake.ts";
import { ManualJournal, noMark } from "./manual_journal.ts";
import { drafts } from "./test_drafts.ts";
import { testIntake } from "./test_intake.ts";

async function assertUnavailable(appended: ReturnType<Intake["accept"]>): Promise<Problem> {
  const problem = await assertRejects(() => appended, Problem);
  assertEquals([problem.kind, problem.headers], ["unavailable", { "retry-after": "1" }]);
  return problem;
}

function intakeWith(
  { size = 0, isDraining = () => false }: { size?: number; isDraining?: () => boolean } = {},
): { intake: Intake; journal: ManualJournal } {
  const journal = new ManualJournal();
  return { intake: testIntake({ journal, queue: { size, capacity: 10 }, isDraining }), journal };
}

Deno.test("Intake appends the drafts, and returns the receipts", async () => {
  const { intake, journal } = intakeWith();
  const three = drafts(3);
  const appended = intake.accept(three);
  assertStrictEquals(journal.appends[0]?.drafts, three);
  const receipts = [{ outcome: "conflict" }] as const;
  journal.appends[0]?.answer.resolve(receipts);
  assertStrictEquals(await appended, receipts);
});

Deno.test("Intake accepts a request for which there is room, and refuses a larger one as a whole", async () => {
  const { intake, journal } = intakeWith({ size: 7 });
  await assertUnavailable(intake.accept(drafts(4)));
  assertEquals(journal.appends.length, 0);
  const appended = intake.accept(drafts(3));
  journal.appends[0]?.answer.resolve([]);
  await appended;
});

Deno.test("Intake reserves room for drafts while they are being appended", async () => {
  const { intake, journal } = intakeWith();
  const [first, second] = [intake.accept(drafts(6)), intake.accept(drafts(4))];
  await assertUnavailable(intake.accept(drafts(1)));
  journal.appends[1]?.answer.resolve([]);
  await second;
  const third = intake.accept(drafts(4));
  await assertUnavailable(intake.accept(drafts(1)));
  for (const { answer } of journal.appends) answer.resolve([]);
  await Promise.all([first, third]);
});

Deno.test("Intake releases the room when the journal fails", async () => {
  const { intake, journal } = intakeWith();
  const failed = intake.accept(drafts(10));
  journal.appends[0]?.answer.reject(new UnavailableError("the disk is full"));
  await assertUnavailable(failed);
  const appended = intake.accept(drafts(10));
  journal.appends[1]?.answer.resolve([]);
  await appended;
});

Deno.test("Intake releases the room when the journal throws instead of rejecting", async () => {
  let isBroken = true;
  function broken(): Promise<never[]> {
    if (isBroken) throw new RangeError("no such position");
    return Promise.resolve([]);
  }
  const intake = testIntake({ journal: { append: broken, mark: noMark }, queue: { size: 0, capacity: 10 } });
  await assertRejects(() => intake.accept(drafts(10)), RangeError);
  isBroken = false;
  assertEquals(await intake.accept(drafts(10)), []);
});

Deno.test("Intake checks the room for each request", async () => {
  const queue = { size: 10, capacity: 10 };
  const intake = testIntake({ journal: { append: () => Promise.resolve([]), mark: noMark }, queue });
  await assertUnavailable(intake.accept(drafts(1)));
  queue.size = 9;
  assertEquals(await intake.accept(drafts(1)), []);
});

Deno.test("Intake accepts nothing while the service is stopping", async () => {
  let isDraining = false;
  const { intake, journal } = intakeWith({ isDraining: () => isDraining });
  const before = intake.accept(drafts(1));
  isDraining = true;
  await assertUnavailable(intake.accept(drafts(1)));
  journal.appends[0]?.answer.resolve([]);
  assertEquals([await before, journal.appends.length], [[], 1], "an append that has started is finished");
});

Deno.test("Intake reports that an unavailable journal may have accepted some drafts, and keeps the cause", async () => {
  const { intake, journal } = intakeWith();
  const failed = intake.accept(drafts(2));
  const cause = new UnavailableError("no quorum");
  journal.appends[0]?.answer.reject(cause);
  const problem = await assertUnavailable(failed);
  assertEquals(problem.message, "some of it may have been accepted: repeat the request with the same ids");
  assertStrictEquals(problem.cause, cause);
});

Deno.test("Intake passes on an error that is not an UnavailableError", async () => {
  const { intake, journal } = intakeWith();
  const failed = intake.accept(drafts(1));
  const bug = new TypeError("undefined is not a function");
  journal.appends[0]?.answer.reject(bug);
  assertStrictEquals(await assertRejects(() => failed), bug);
});

const RETENTION = { seconds: 3_600, perTarget: 1_000, bytes: 1_000_000 };

/** Creates a live connection that logs each flush. */
function tab(log: string[]): Connection {
  const outbox = new Outbox(null, { maxBytes: 1_000_000 });
  outbox.beginPage();
  outbox.endPage({ next: "", more: false });
  const flush = () => void log.push(`sent ${outbox.take(64 * 1024).length}`);
  const pump = { flush, finish: () => Promise.resolve() };
  return { id: "c", target: "alexander", transport: "websocket", connectedAt: 0, outbox, pump };
}

/** Logs what a hub with one tab sends and when each request is answered, with all that a node has in between. */
async function logOf(appends: readonly number[]): Promise<string[]> {
  const log: string[] = [];
  const feed = new NotificationFeed(1_000);
  const pacer = new Pacer({ nextTurn, now: () => 0, minMs: 0, maxMs: 0 });
  const hub = new Hub(feed, { capacity: 10, pacer });
  const journal = new MemoryJournal(feed, RETENTION);
  const running = hub.run();
  await journal.follow("alexander");
  await hub.registrations.send(tab(log));
  await hub.connectionsOf("alexander");
  const intake = testIntake({ journal, queue: feed.notifications });
  await Promise.all(appends.map(async (count) => {
    const { length } = await intake.accept(drafts(count));
    log.push(`answered ${length}`);
  }));
  hub.close();
  await running;
  return log;
}

Deno.test("Intake answers the requests of a turn after the hub has sent their notifications", async () => {
  assertEquals(await logOf([1]), ["sent 1", "answered 1"]);
  assertEquals(await logOf([1, 2, 3]), ["sent 6", "answered 1", "answered 2", "answered 3"]);
});

Deno.test("Intake answers at once while the queue is long", async () => {
  assertEquals(await logOf([100, 1]), ["answered 100", "answered 1", "sent 101"]);
});

Deno.test("Intake waits for one turn with all concurrent requests, and does not wait while the queue is empty", async () => {
  const queue = new Channel<number>(10);
  let turns = 0;
  const intake = testIntake({
    journal: {
      append: (drafts) => Promise.resolve(drafts.map(() => ({ outcome: "conflict" }))),
      mark: noMark,
    },
    queue,
    nextTurn: () => nextTurn().then(() => void turns++),
  });
  await intake.accept(drafts(1));
  assertEquals(turns, 0);
  queue.trySend(1);
  await Promise.all([intake.accept(drafts(1)), intake.accept(drafts(1))]);
  assertEquals(turns, 1);
  await intake.accept(drafts(1));
  assertEquals(turns, 2);
});

Deno.test("Intake rejects with the error of the append", async () => {
  const journal = { append: () => Promise.reject(new Error("no journal")), mark: noMark };
  const intake = testIntake({ journal, queue: { size: 1, capacity: 10 } });
  await assertRejects(() => intake.accept(drafts(1)), Error, "no journal");
});

const NOW = Date.UTC(1804, 6, 11, 7);

function draft(id: string, ttl: number | null = null, target: string | null = "alexander"): Draft {
  return { id, target, data: "1", ttl, topic: null, urgency: null, push: null, digest: "content" };
}

/** Creates an intake that records its reports. */
function reportingIntake(append: Journal["append"], { seconds = 3_600 } = {}) {
  const reported: [string, number][] = [];
  const accepted = (id: string, at: number) => void reported.push([id, at]);
  const reports = { accepted, acceptedNew: accepted, read() {} };
  return {
    reported,
    intake: testIntake({ journal: { append, mark: noMark }, reports, retention: { seconds } }),
  };
}

for (const seconds of [0, 60, 86_400]) {
  Deno.test(`Intake reports the time of acceptance to the millisecond with a retention of ${seconds} seconds`, async () => {
    const feed = { offer: () => true, gap: () => {} };
    const journal = new MemoryJournal(feed, { seconds, perTarget: 10, bytes: 1_000_000 }, () => NOW);
    const { intake, reported } = reportingIntake((drafts) => journal.append(drafts), { seconds });
    await intake.accept([draft("a"), draft("b", 0), draft("c", 30), draft("d", 1e9), draft("e", null, null)]);
    assertEquals(reported, ["a", "b", "c", "d", "e"].map((id) => [id, NOW]));
  });
}

Deno.test("Intake does not report repeats, conflicts and drafts that were not appended", async () => {
  const outcomes: Receipt[] = [
    { outcome: "repeated", position: "p1", expiresAt: NOW },
    { outcome: "conflict" },
    { outcome: "kept", position: "p2", expiresAt: NOW },
  ];
  const { intake, reported } = reportingIntake(() => Promise.resolve(outcomes), { seconds: 1 });
  assertStrictEquals(await intake.accept(["a", "b", "c"].map((id) => draft(id))), outcomes);
  assertEquals(reported, [["c", NOW - 1_000]]);
  const failed = reportingIntake(() => Promise.reject(new Error("no journal")));
  await assertRejects(() => failed.intake.accept([draft("a")]), Error, "no journal");
  assertEquals(failed.reported, []);
});

Deno.test("Intake measures how long an append takes, unless it fails", async () => {
  const calls: string[] = [];
  const metrics = {
    accepted: () => void calls.push("accepted"),
    marked() {},
    appendStarted: () => calls.push("started"),
    appendEnded: (startedAt: number) => void calls.push(`ended ${startedAt}`),
  };
  const append = () => {
    calls.push("append");
    return Promise.resolve([]);
  };
  await testIntake({ journal: { append, mark: noMark }, metrics }).accept([draft("a")]);
  assertEquals(calls.splice(0), ["started", "append", "ended 1", "accepted"]);
  const broken = { append: () => Promise.reject(new Error("no journal")), mark: noMark };
  await assertRejects(() => testIntake({ journal: broken, metrics }).accept([draft("a")]));
  assertEquals(calls, ["started"]);
});

Deno.test("Intake schedules nothing while the node stops, and says if the schedule is full or cannot be reached", async () => {
  const record = { key: "notification a", digest: "d", addedAt: 0, dueAt: 1, content: "" };
  let add: () => Promise<readonly AddReceipt[]> = () => Promise.resolve([{ outcome: "added", dueAt: 1 }]);
  let isDraining = false;
  const journal = new ManualJournal();
  const intake = testIntake({ journal, schedule: { add: () => add() }, isDraining: () => isDraining });
  assertEquals(await intake.schedule([record]), [{ outcome: "added", dueAt: 1 }]);
  add = () => Promise.resolve([{ outcome: "full" }]);
  const full = await assertRejects(
    () => intake.schedule([record]),
    Problem,
    "too many notifications are scheduled",
  );
  add = () => Promise.reject(new UnavailableError("why"));
  const gone = await assertRejects(() => intake.schedule([record]), Problem);
  isDraining = true;
  const stopping = await assertRejects(() => intake.schedule([record]), Problem, "this node is stopping");
  assertEquals([full, gone, stopping].map(({ status }) => status), [503, 503, 503]);
  assertEquals(intake.hasRoomFor(10_000), true, "the room is released");
});
