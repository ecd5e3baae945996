/** The contract of all schedules, as tests. The test file of each adapter runs them. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import * as fc from "fast-check";
import { UnavailableError } from "../../src/journal/journal.ts";
import type { Schedule, ScheduledRecord, ScheduleOptions } from "../../src/schedule/schedule.ts";
import { eventually } from "../eventually.ts";

/** A schedule with everything that it needs. Disposing of it closes the schedule, which may be closed already. */
export interface TestSchedule extends AsyncDisposable {
  readonly schedule: Schedule;
}

/** Creates an empty schedule. Its clock, in milliseconds since 1970, moves only when a test moves it. */
export type CreateSchedule = (options: ScheduleOptions) => Promise<TestSchedule>;

const START = Date.UTC(1804, 6, 11, 7);
const DAY_MS = 24 * 60 * 60 * 1000;
const AMPLE = { records: 1_000, bytes: 16 * 1024 * 1024 };
const MAX_BYTES = 4 * 1024 * 1024;

interface Fixture {
  readonly schedule: Schedule;
  readonly clock: { now: number };
  /** Adds a record that is due so many milliseconds after the start. */
  add(key: string, afterMs: number, more?: Partial<ScheduledRecord>): Promise<string | undefined>;
  /** Takes what is due, and returns the keys in order. */
  take(limit?: Partial<typeof AMPLE>, kind?: string): Promise<string[]>;
}

/** Registers the tests of one adapter. `register` may skip them where a program that they need is missing. */
export function scheduleContract(
  name: string,
  create: CreateSchedule,
  register: (name: string, test: () => Promise<void>) => void = Deno.test,
): void {
  function test(
    behaviour: string,
    run: (fixture: Fixture) => Promise<void>,
    { maxBytes = MAX_BYTES }: { maxBytes?: number } = {},
  ): void {
    register(`${name} ${behaviour}`, async () => {
      const clock = { now: START };
      await using created = await create({ maxBytes, now: () => clock.now });
      const { schedule } = created;
      const add: Fixture["add"] = async (key, afterMs, more = {}) => {
        const record = {
          key,
          digest: "d",
          addedAt: clock.now,
          dueAt: START + afterMs,
          content: `of ${key}`,
          ...more,
        };
        const [receipt] = await schedule.add([record]);
        return receipt?.outcome;
      };
      const take: Fixture["take"] = async (limit, kind = "") =>
        (await schedule.take(kind, { ...AMPLE, ...limit })).map(({ key }) => key);
      await run({ schedule, clock, add, take });
    });
  }

  test("returns what is due, once, in the order of the due times", async ({ schedule, clock, add, take }) => {
    for (const [key, ms] of [["c", 30], ["a", 10], ["d", 40], ["b", 20]] as const) await add(key, ms);
    assertEquals(await take(), []);
    clock.now = START + 9;
    assertEquals(await take(), []);
    clock.now = START + 30;
    assertEquals(await take(), ["a", "b", "c"]);
    assertEquals(await take(), []);
    clock.now = START + 40;
    const content = "of d", dueAt = clock.now;
    assertEquals(await schedule.take("", AMPLE), [{ key: "d", digest: "d", addedAt: START, dueAt, content }]);
  });

  test("keeps any text as key and content", async ({ schedule, add }) => {
    const key = 'notification "é" \u{1F600} ./%*>', content = '{"a":"\\u0000"}\n"ü\u{1F600}"'.repeat(1_000);
    await add(key, 0, { content });
    assertEquals((await schedule.take("notification", AMPLE)).map((record) => [record.key, record.content]), [
      [
        key,
        content,
      ],
    ]);
  });

  test("knows a record by its key, and refuses another one under it", async ({ schedule, clock, add, take }) => {
    const again = { key: "a", digest: "d", addedAt: 1, dueAt: 2, content: "same" };
    assertEquals(await add("a", 10), "added");
    const other = { ...again, digest: "e" }, fresh = { ...again, key: "b" };
    const repeated = { outcome: "repeated", dueAt: START + 10 } as const;
    const added = { outcome: "added", dueAt: 2 } as const;
    assertEquals(await schedule.add([again, other, fresh]), [repeated, { outcome: "conflict" }, added]);
    await schedule.cancel("b");
    clock.now = START + 10;
    assertEquals(await take(), ["a"]);
    assertEquals(await schedule.add([again, other]), [repeated, { outcome: "conflict" }]);
    await schedule.finish(["a"]);
    assertEquals(await schedule.add([again, other]), [repeated, { outcome: "conflict" }]);
    assertEquals(await take(), []);
  });

  test("adds a record once that is added several times at once", async ({ schedule, clock, take }) => {
    const record = { key: "a", digest: "d", addedAt: START, dueAt: START, content: "a" };
    const receipts = await Promise.all([schedule.add([record, record]), schedule.add([record])]);
    assertEquals(receipts.flat().map(({ outcome }) => outcome).toSorted(), ["added", "repeated", "repeated"]);
    clock.now++;
    assertEquals(await take(), ["a"]);
    assertEquals(await take(), []);
  });

  test("knows the state of a record until a day after it was due", async ({ schedule, clock, add, take }) => {
    assertEquals(await schedule.find("a"), null);
    await add("a", 10);
    const times = { addedAt: START, dueAt: START + 10 };
    assertEquals(await schedule.find("a"), { state: "waiting", ...times });
    clock.now += 10;
    await take();
    assertEquals(await schedule.find("a"), { state: "taken", ...times });
    await schedule.finish(["a"]);
    assertEquals(await schedule.find("a"), { state: "done", ...times });
    clock.now = START + 10 + DAY_MS - 1;
    await take();
    assertEquals((await schedule.find("a"))?.state, "done");
    clock.now++;
    await take();
    assertEquals(await schedule.find("a"), null);
    assertEquals(await add("a", DAY_MS + 20, { digest: "other" }), "added");
  });

  test("has what waits or is taken, and nothing else", async ({ schedule, add, take }) => {
    for (const key of ["waiting", "cancelled"]) await add(key, 10);
    for (const key of ["taken", "done", "forgotten"]) await add(key, 0);
    await take();
    await schedule.cancel("cancelled");
    await schedule.finish(["done"]);
    await schedule.forget(["forgotten"]);
    const keys = ["waiting", "cancelled", "taken", "done", "forgotten", "unknown"];
    assertEquals(keys.filter((key) => schedule.has(key)), ["waiting", "taken"]);
  });

  test("counts what waits of a kind", async ({ schedule, add, clock }) => {
    const counts = () => ["push", "note", ""].map((kind) => schedule.waiting(kind));
    assertEquals(counts(), [0, 0, 0]);
    for (const key of ["push 1", "push 2", "push 3", "note 1"]) await add(key, 10);
    assertEquals(counts(), [3, 1, 0]);
    await schedule.cancel("push 1");
    clock.now += 10;
    const [taken] = await schedule.take("push", { records: 1, bytes: 1 });
    assertEquals(counts(), [1, 1, 0]);
    await schedule.release([taken?.key ?? ""]);
    assertEquals(counts(), [2, 1, 0]);
  });

  test("cancels a record that waits, whose key is then free", async ({ schedule, clock, add, take }) => {
    assertEquals(await schedule.cancel("a"), "unknown");
    await add("a", 10);
    assertEquals(await schedule.cancel("a"), "cancelled");
    assertEquals(await schedule.cancel("a"), "unknown");
    assertEquals(await schedule.find("a"), null);
    clock.now += 10;
    assertEquals(await take(), []);
    assertEquals(await add("a", 20, { digest: "other" }), "added");
    clock.now += 10;
    assertEquals(await take(), ["a"]);
  });

  test("does not cancel what is taken or done", async ({ schedule, add, take }) => {
    await add("a", 0);
    await take();
    assertEquals(await schedule.cancel("a"), "too late");
    await schedule.finish(["a"]);
    assertEquals(await schedule.cancel("a"), "too late");
  });

  test("lets either a cancel or a take win, and not both", async ({ schedule, clock, add, take }) => {
    for (let round = 0; round < 20; round++) {
      const key = `r${round}`;
      await add(key, 0);
      clock.now++;
      const cancelFirst = round % 2 === 0;
      const cancelling = cancelFirst ? schedule.cancel(key) : undefined;
      const taking = take();
      const outcome = await (cancelling ?? schedule.cancel(key)), taken = await taking;
      assert(outcome === "cancelled" ? taken.length === 0 : outcome === "too late", outcome);
      if (outcome === "too late") assertEquals((await schedule.find(key))?.state, "taken");
    }
  });

  test("lets one of several cancels win", async ({ schedule, add }) => {
    await add("a", 10);
    const outcomes = await Promise.all([1, 2, 3].map(() => schedule.cancel("a")));
    assertEquals(outcomes.toSorted(), ["cancelled", "unknown", "unknown"]);
  });

  test("returns what was given up at once, and what is done never", async ({ schedule, add, take }) => {
    await add("a", 0);
    await add("b", 0);
    assertEquals((await take()).toSorted(), ["a", "b"]);
    await schedule.finish(["b"]);
    await schedule.release(["a", "b", "unknown"]);
    assertEquals(await take(), ["a"]);
    await schedule.finish(["a", "b", "unknown"]);
    assertEquals(await take(), []);
    assertEquals((await schedule.find("a"))?.state, "done");
  });

  test("takes records of one kind, and leaves those of others", async ({ schedule, clock, add, take }) => {
    for (const [key, ms] of [["b 1", 1], ["a 1", 2], ["b", 3], ["b 2", 4], ["a 2", 9]] as const) {
      await add(key, ms);
    }
    clock.now += 5;
    assertEquals(await take({}, "b"), ["b 1", "b 2"]);
    assertEquals(await take({}, "c"), []);
    await schedule.release(["b 2"]);
    assertEquals(await take({}, "a"), ["a 1"]);
    assertEquals(await take(), ["b"]);
    assertEquals(await take({}, "b"), ["b 2"]);
  });

  test("has a record that was taken wait until another time, with another content", async (fixture) => {
    const { schedule, clock, add, take } = fixture;
    await add("a", 0, { content: "first" });
    await add("waiting", 10);
    const [taken] = await schedule.take("", AMPLE);
    assert(taken !== undefined);
    const next = { ...taken, dueAt: START + 20, content: "the second" };
    await schedule.postpone([next, { ...next, key: "waiting" }, { ...next, key: "unknown" }]);
    const { addedAt, dueAt } = next;
    assertEquals(await schedule.find("a"), { state: "waiting", addedAt, dueAt });
    assertEquals(await add("a", 0), "repeated");
    clock.now = START + 19;
    assertEquals(await take(), ["waiting"]);
    clock.now = START + 20;
    assertEquals(await schedule.take("", AMPLE), [next]);
    assertEquals(await take(), []);
    await schedule.postpone([next]);
    assertEquals(await schedule.cancel("a"), "cancelled");
  });

  test("keeps times that are no whole milliseconds, which is due the millisecond after", async (fixture) => {
    const { schedule, clock, add, take } = fixture;
    assertEquals(await add("a", 0.25, { addedAt: START - 0.5 }), "added");
    clock.now = START + 1;
    const [taken] = await schedule.take("", AMPLE);
    assert(taken !== undefined);
    await schedule.postpone([{ ...taken, dueAt: START + 1.5 }]);
    assertEquals(await take(), []);
    clock.now = START + 2;
    assertEquals(await take(), ["a"]);
  });

  test("forgets a record that was taken, whose key is then free", async ({ schedule, add, take }) => {
    await add("a", 0);
    await add("waiting", 10);
    await take();
    await schedule.forget(["a", "waiting", "unknown"]);
    assertEquals(await schedule.find("a"), null);
    assertEquals(await schedule.cancel("a"), "unknown");
    assertEquals((await schedule.find("waiting"))?.state, "waiting");
    assertEquals(await add("a", 0, { digest: "other" }), "added");
    assertEquals(await take(), ["a"]);
  });

  test("takes no more than asked, but at least one", async ({ clock, add, take }) => {
    for (let n = 1; n <= 5; n++) await add(`${n}`, n, { content: "x".repeat(100) });
    clock.now += 10;
    assertEquals(await take({ records: 2 }), ["1", "2"]);
    assertEquals(await take({ bytes: 250 }), ["3", "4"]);
    assertEquals(await take({ bytes: 1 }), ["5"]);
  });

  test("refuses what has no room, until something is cancelled or done", async (fixture) => {
    const { schedule, add, take } = fixture, content = "x".repeat(4_000);
    assertEquals(await add("a", 0, { content }), "added");
    assertEquals(await add("b", 10, { content }), "added");
    assertEquals(await add("c", 10, { content }), "full");
    assertEquals(await add("a", 0, { content }), "repeated");
    assertEquals(await schedule.find("c"), null);
    assertEquals(await schedule.cancel("b"), "cancelled");
    assertEquals(await add("c", 10, { content }), "added");
    await take();
    assertEquals(await add("d", 10, { content }), "full");
    await schedule.finish(["a"]);
    assertEquals(await add("d", 10, { content }), "added");
  }, { maxBytes: 20_000 });

  test(
    "forgets the oldest of what is done if there is too much of it",
    async ({ schedule, clock, add, take }) => {
      for (let n = 1; n <= 20; n++) {
        await add(`${n}`, n);
        clock.now = START + n;
        await schedule.finish(await take());
      }
      await eventually(async () => {
        await take();
        return await schedule.find("10") === null;
      });
      assertEquals((await schedule.find("20"))?.state, "done");
    },
    { maxBytes: 8_000 },
  );

  test("goes by the clock however it jumps", async ({ schedule, clock, add, take }) => {
    await add("soon", 1_000);
    await add("later", 10 * DAY_MS);
    clock.now = START - 5 * DAY_MS;
    assertEquals(await take(), []);
    clock.now = START + 20 * DAY_MS;
    assertEquals(await take(), ["soon", "later"]);
    await schedule.finish(["soon", "later"]);
    clock.now = START;
    assertEquals(await take(), []);
    assertEquals((await schedule.find("later"))?.state, "done");
    assertEquals(await add("now", 0), "added");
    assertEquals(await take(), ["now"]);
  });

  test("is unavailable when it is closed", async ({ schedule, add }) => {
    await add("a", 0);
    await schedule.close();
    await assertRejects(() => schedule.take("", AMPLE), UnavailableError);
    await assertRejects(() => add("b", 0), UnavailableError);
    await assertRejects(() => schedule.cancel("a"), UnavailableError);
  });

  test("behaves like the model, whatever is done in whatever order", async ({ schedule, clock, add, take }) => {
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          type: fc.constant("add"),
          n: fc.nat(9),
          ms: fc.integer({ min: -5, max: 50 }),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          type: fc.constantFrom("cancel", "finish", "release", "forget", "postpone"),
          n: fc.nat(9),
          ms: fc.nat(20),
        }),
      },
      {
        weight: 3,
        arbitrary: fc.record({
          type: fc.constantFrom("take", "pass"),
          n: fc.integer({ min: 1, max: 3 }),
          ms: fc.nat(20),
        }),
      },
    );
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const model = new ScheduleModel(), prefix = `${++run}.`;
        clock.now += 2 * DAY_MS; // everything of the runs before is forgotten
        for (let left = await take(); left.length > 0; left = await take()) await schedule.finish(left);
        for (const { type, n, ms } of steps) {
          const key = prefix + n, at = clock.now;
          if (type === "add") {
            const dueAt = at + ms;
            assertEquals(await add(key, dueAt - START), model.add(key, dueAt));
          } else if (type === "cancel") assertEquals(await schedule.cancel(key), model.cancel(key));
          else if (type === "finish") await schedule.finish([key]).then(() => model.end(key, "done"));
          else if (type === "release") await schedule.release([key]).then(() => model.end(key, "waiting"));
          else if (type === "forget") await schedule.forget([key]).then(() => model.forget(key));
          else if (type === "postpone") {
            const record = { key, digest: "d", addedAt: at, dueAt: at + ms, content: `of ${key}` };
            await schedule.postpone([record]).then(() => model.postpone(key, at + ms));
          } else if (type === "take") model.take(await take({ records: n }), { now: at, max: n });
          else clock.now += ms;
          assertEquals((await schedule.find(key))?.state, model.records.get(key)?.state);
        }
      }),
      { numRuns: 20 },
    );
  });

  test("revises what waits of a kind, and leaves the rest", async ({ schedule, clock, add, take }) => {
    for (const key of ["a 1", "a 2", "a 3", "a 4", "b 1"]) await add(key, 10, { content: `of ${key}` });
    const seen: string[] = [];
    await schedule.revise("a", {
      isConcerned: (key) => key !== "a 4",
      revise({ key, content }) {
        seen.push(`${key} ${content}`);
        return Promise.resolve(key === "a 1" ? null : key === "a 2" ? "another content" : content);
      },
    });
    assertEquals(seen.toSorted(), ["a 1 of a 1", "a 2 of a 2", "a 3 of a 3"]);
    assertEquals([await schedule.find("a 1"), schedule.has("a 1"), schedule.waiting("a")], [null, false, 3]);
    clock.now += 10;
    const taken = await schedule.take("a", AMPLE);
    assertEquals(taken.map(({ key, content }) => [key, content]).toSorted(), [
      ["a 2", "another content"],
      ["a 3", "of a 3"],
      ["a 4", "of a 4"],
    ]);
    assertEquals(await take({}, "b"), ["b 1"]);
    assertEquals(await add("a 1", 20), "added");
  });

  test("revises what was taken when it is given up, and nothing that is done", async ({ schedule, clock, add, take }) => {
    for (const key of ["a 1", "a 2", "a 3"]) await add(key, 0);
    assertEquals((await take({}, "a")).length, 3);
    await schedule.finish(["a 3"]);
    let isRevised = false;
    const revising = schedule.revise("a", {
      isConcerned: () => true,
      revise: ({ key }) => Promise.resolve(key === "a 3" ? "never" : null),
    }).then(() => isRevised = true);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assertEquals(isRevised, false);
    await schedule.release(["a 1"]);
    await schedule.finish(["a 2"]);
    await revising;
    clock.now += 10;
    assertEquals([await take({}, "a"), await schedule.find("a 1")], [[], null]);
    assertEquals((await schedule.find("a 2"))?.state, "done");
  });

  test("has room again for what a revision removes", async ({ schedule, add }) => {
    const content = "x".repeat(1_000);
    let count = 0;
    while (await add(`a ${count}`, 1_000, { content }) === "added") count++;
    await schedule.revise("a", { isConcerned: () => true, revise: () => Promise.resolve(null) });
    assertEquals(schedule.waiting("a"), 0);
    await eventually(async () => await add("a new", 1_000, { content }) === "added", "room");
  }, { maxBytes: 65_536 });
}

/** What a schedule must do, without room, stores and nodes. */
class ScheduleModel {
  readonly records = new Map<string, { state: "waiting" | "taken" | "done"; dueAt: number }>();

  add(key: string, dueAt: number): "added" | "repeated" {
    if (this.records.has(key)) return "repeated";
    this.records.set(key, { state: "waiting", dueAt });
    return "added";
  }

  cancel(key: string): string {
    const record = this.records.get(key);
    if (record === undefined) return "unknown";
    if (record.state !== "waiting") return "too late";
    this.records.delete(key);
    return "cancelled";
  }

  end(key: string, state: "waiting" | "done"): void {
    const record = this.records.get(key);
    if (record?.state === "taken") record.state = state;
  }

  forget(key: string): void {
    if (this.records.get(key)?.state === "taken") this.records.delete(key);
  }

  postpone(key: string, dueAt: number): void {
    const record = this.records.get(key);
    if (record?.state === "taken") this.records.set(key, { state: "waiting", dueAt });
  }

  /** Checks what was taken, because records that are due at the same time may be taken in any order. */
  take(keys: readonly string[], { now, max }: { now: number; max: number }): void {
    const due = [...this.records.values()].filter(({ state, dueAt }) => state === "waiting" && dueAt <= now);
    const expected = due.map(({ dueAt }) => dueAt).toSorted((a, b) => a - b).slice(0, max);
    const taken = keys.map((key) => this.records.get(key));
    assertEquals(taken.map((record) => record?.dueAt), expected);
    for (const record of taken) if (record !== undefined) record.state = "taken";
  }
}
