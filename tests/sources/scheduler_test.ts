/** Scheduler sends what is due once, in order, as fast as there is room, and gives up the rest when it closes. */

import { assert, assertEquals } from "@std/assert";
import { nextTurn } from "../../src/async/next_turn.ts";
import { type Draft, type Receipt, UnavailableError } from "../../src/journal/journal.ts";
import { MemoryJournal } from "../../src/journal/memory.ts";
import { memorySchedule } from "../../src/schedule/memory.ts";
import type { Schedule } from "../../src/schedule/schedule.ts";
import { toRecord } from "../../src/sources/scheduled_notification.ts";
import { Scheduler } from "../../src/sources/scheduler.ts";
import { unavailable } from "../../src/wire/problem.ts";
import { eventually } from "../eventually.ts";

const START = Date.UTC(1804, 6, 11, 7);
const RETENTION = { seconds: 3_600, perTarget: 100_000, bytes: 64 * 1024 * 1024 };

function drafts(id: string, ...targets: readonly (string | null)[]): Draft[] {
  const rest = {
    data: `{"n":1.0,"of":"${id}"}`,
    ttl: 60,
    topic: "t",
    urgency: "low",
    push: { after: 10, title: "T", body: null, navigate: null },
    digest: `d ${id}`,
  } as const;
  return targets.map((target) => ({ ...rest, id, target }));
}

/** A scheduler, with a schedule and an intake in memory, of which a test may replace parts. */
class Bench implements AsyncDisposable {
  now = START;
  readonly schedule: Schedule = memorySchedule({ maxBytes: RETENTION.bytes, now: () => this.now });
  readonly journal = new MemoryJournal({ offer: () => true, gap() {} }, RETENTION, () => this.now);
  /** The drafts of each append. */
  readonly appends: (readonly Draft[])[] = [];
  readonly reported: string[] = [];
  readonly logged: Record<string, unknown>[] = [];
  accept = (drafts: readonly Draft[]): Promise<readonly Receipt[]> => {
    this.appends.push(drafts);
    return this.journal.append(drafts);
  };
  #schedulers: Scheduler[] = [];

  start(schedule: Partial<Schedule> = {}): Scheduler {
    const own = this.schedule;
    const scheduler = new Scheduler({
      schedule: {
        take: (kind, limit) => own.take(kind, limit),
        finish: (keys) => own.finish(keys),
        release: (keys) => own.release(keys),
        ...schedule,
      },
      intake: { accept: (drafts) => this.accept(drafts) },
      report: (error) => void this.reported.push(String(error)),
      log: { warn: (_, properties) => void this.logged.push(properties) },
      nextTurn,
      everyMs: 2,
    });
    this.#schedulers.push(scheduler);
    return scheduler;
  }

  async add(drafts: readonly Draft[], at = this.now): Promise<void> {
    const record = toRecord({ at, path: "at", from: 0, to: drafts.length }, { drafts, now: this.now });
    await this.schedule.add([record]);
  }

  get sent(): Draft[] {
    return this.appends.flat();
  }

  async isDone(id: string): Promise<boolean> {
    return (await this.schedule.find(`notification ${id}`))?.state === "done";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const scheduler of this.#schedulers) await scheduler.close();
    await this.schedule.close();
  }
}

Deno.test("Scheduler sends a notification when it is due, to all its targets, as it was posted", async () => {
  await using bench = new Bench();
  const posted = drafts("a", "alexander", "burr", null);
  await bench.add(posted, START + 1_000);
  bench.start();
  await nextTurn();
  assertEquals(bench.sent, []);
  bench.now += 1_000;
  await eventually(() => bench.isDone("a"));
  assertEquals(bench.appends, [posted]);
});

Deno.test("Scheduler sends what is due in order, in appends of at most 1,000 drafts", async () => {
  await using bench = new Bench();
  const targets = Array.from({ length: 400 }, (_, n) => `t${n}`);
  for (let n = 7; n >= 0; n--) await bench.add(drafts(`${n}`, ...targets), START + n);
  await bench.add(drafts("large", ...Array.from({ length: 1_000 }, (_, n) => `t${n}`)), START + 8);
  bench.now += 10;
  bench.start();
  await eventually(() => bench.isDone("large"));
  assertEquals([...new Set(bench.sent.map(({ id }) => id))], [
    "0",
    "1",
    "2",
    "3",
    "4",
    "5",
    "6",
    "7",
    "large",
  ]);
  assertEquals(bench.appends.map(({ length }) => length), [800, 800, 800, 800, 1_000]);
});

Deno.test("Scheduler waits while the intake has no room, and then sends everything once and in order", async () => {
  await using bench = new Bench();
  const ids = Array.from({ length: 600 }, (_, n) => `${n}`);
  for (const [n, id] of ids.entries()) await bench.add(drafts(id, "alexander"), START + n);
  const { accept } = bench;
  let calls = 0;
  bench.accept = (drafts) => ++calls % 3 === 0 ? accept(drafts) : Promise.reject(unavailable("no room"));
  bench.now += 1_000;
  bench.start();
  await eventually(() => bench.isDone("599"));
  assertEquals(bench.sent.map(({ id }) => id), ids);
  assertEquals(bench.reported, []);
});

Deno.test("Scheduler sends under a fresh id what has an id that means something else by now, and logs it", async () => {
  await using bench = new Bench();
  await bench.add(drafts("a", "alexander", "burr"), START + 1);
  await bench.journal.append([{ ...drafts("a", "alexander")[0] ?? never(), digest: "other" }]);
  bench.now += 1;
  bench.start();
  await eventually(() => bench.isDone("a"));
  const fresh = bench.appends[1]?.[0]?.id;
  assert(fresh !== undefined && fresh !== "a");
  assertEquals(bench.appends[1]?.map(({ id, target }) => [id, target]), [[fresh, "alexander"], [
    fresh,
    "burr",
  ]]);
  assertEquals(bench.logged, [{ id: "a", fresh }]);
});

Deno.test("Scheduler does not double what a node has sent that then ended, also under a fresh id", async () => {
  await using bench = new Bench();
  const killed = Promise.withResolvers<void>();
  using _end = { [Symbol.dispose]: () => killed.resolve() };
  await bench.add(drafts("a", "alexander"));
  await bench.add(drafts("b", "alexander"));
  await bench.journal.append([{ ...drafts("b", "alexander")[0] ?? never(), digest: "other" }]);
  bench.start({ finish: () => killed.promise }); // it ends before it can say what it has sent
  await eventually(() => bench.appends.length === 2);
  await bench.schedule.release(["notification a", "notification b"]);
  const outcomes: string[] = [];
  const { accept } = bench;
  bench.accept = async (drafts) => {
    const receipts = await accept(drafts);
    outcomes.push(...receipts.map(({ outcome }) => outcome));
    return receipts;
  };
  bench.start();
  await eventually(async () => await bench.isDone("a") && await bench.isDone("b"));
  assertEquals(outcomes, ["repeated", "conflict", "repeated"]);
});

Deno.test("Scheduler repeats that something is done until it is kept, and does not send it again", async () => {
  await using bench = new Bench();
  await bench.add(drafts("a", "alexander"));
  let failures = 3;
  bench.start({
    finish: (keys) =>
      failures-- > 0 ? Promise.reject(new UnavailableError("not now")) : bench.schedule.finish(keys),
  });
  await eventually(() => bench.isDone("a"));
  assertEquals(bench.appends.length, 1);
  assertEquals(bench.reported, []);
});

Deno.test("Scheduler reports what it cannot read, and sends the others", async () => {
  await using bench = new Bench();
  const times = { addedAt: START, dueAt: START };
  await bench.schedule.add([{ key: "notification x", digest: "d", ...times, content: "no JSON" }]);
  await bench.add(drafts("a", "alexander"), START + 1);
  bench.now += 1;
  bench.start();
  await eventually(async () => await bench.isDone("a") && await bench.isDone("x"));
  assertEquals(bench.reported, [
    "Error: a notification is scheduled in a form that cannot be read, and is dropped",
  ]);
});

Deno.test("Scheduler goes on after an unexpected error, which it reports", async () => {
  await using bench = new Bench();
  await bench.add(drafts("a", "alexander"));
  const { accept } = bench;
  let calls = 0;
  bench.accept = (drafts) => ++calls === 1 ? Promise.reject(new Error("why")) : accept(drafts);
  bench.start();
  await eventually(() => bench.isDone("a"));
  assertEquals(bench.reported, ["Error: why"]);
});

Deno.test("Scheduler finishes what is being sent when it closes, and gives up the rest at once", async () => {
  await using bench = new Bench();
  const targets = Array.from({ length: 1_000 }, (_, n) => `t${n}`);
  for (let n = 0; n < 3; n++) await bench.add(drafts(`${n}`, ...targets), START + n);
  bench.now += 10;
  const accepting = Promise.withResolvers<void>(), accepted = Promise.withResolvers<void>();
  const { accept } = bench;
  bench.accept = (drafts) => {
    accepting.resolve();
    return accepted.promise.then(() => accept(drafts));
  };
  const scheduler = bench.start();
  await accepting.promise;
  const closed = scheduler.close();
  accepted.resolve();
  await closed;
  assertEquals(bench.appends.length, 1);
  const rest = await bench.schedule.take("notification", { records: 10, bytes: 1e9 });
  assertEquals([await bench.isDone("0"), rest.map(({ key }) => key)], [true, [
    "notification 1",
    "notification 2",
  ]]);
});

function never(): never {
  throw new Error("there is a draft");
}
