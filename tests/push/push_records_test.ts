/** PushRecords: the record of a push is kept before the append, and corrected by its receipts. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Draft, UnavailableError } from "../../src/journal/journal.ts";
import { MemoryJournal } from "../../src/journal/memory.ts";
import { parsePush, pushKey } from "../../src/push/push_record.ts";
import { PushRecords } from "../../src/push/push_records.ts";
import { memorySchedule } from "../../src/schedule/memory.ts";

const START = Date.UTC(1804, 6, 11, 7);
const RETENTION = { seconds: 3_600, perTarget: 1_000, bytes: 1024 * 1024 };
const PUSH = { after: 10, title: null, body: null, navigate: null };

function setUp({ maxBytes = 1024 * 1024, retention = RETENTION } = {}) {
  const clock = { now: START }, now = () => clock.now, reported: unknown[] = [], errors: unknown[] = [];
  const journal = new MemoryJournal({ offer: () => true, gap() {} }, retention, now);
  const schedule = memorySchedule({ maxBytes, now });
  const reports = { pushed: (push: object) => void reported.push(push) };
  const report = (error: unknown) => errors.push(error);
  const records = new PushRecords({ journal, schedule, reports, retention, now, report });
  const append = async (...drafts: readonly Draft[]) => {
    const correct = await records.keep(drafts);
    const receipts = await journal.append(drafts);
    await correct(receipts);
    return receipts.map(({ outcome }) => outcome);
  };
  const dueOf = async (id: string, target = "alexander") => (await schedule.find(pushKey(id, target)))?.dueAt;
  return { clock, journal, schedule, records, append, dueOf, reported, errors };
}

function draft(id: string, more: Partial<Draft> = {}): Draft {
  const plain = { target: "alexander", data: "1", ttl: null, topic: null, urgency: null, digest: "d" };
  return { ...plain, id, push: PUSH, ...more };
}

Deno.test("PushRecords keeps a push for each target, until it is due", async () => {
  const { append, dueOf, reported, schedule, clock } = setUp();
  const outcomes = await append(
    draft("1"),
    draft("1", { target: "burr", push: { ...PUSH, after: 60 } }),
    draft("plain", { push: null }),
  );
  assertEquals(outcomes, ["kept", "kept", "kept"]);
  assertEquals([await dueOf("1"), await dueOf("1", "burr")], [START + 10_000, START + 60_000]);
  assertEquals(await dueOf("plain"), undefined);
  assertEquals(reported, [{ id: "1", dueAt: START + 10_000 }, { id: "1", dueAt: START + 60_000 }]);
  clock.now += 10_000;
  const [record, ...others] = await schedule.take("push", { records: 9, bytes: 1e6 });
  assert(record !== undefined);
  const { target, expiresAt, addedAt } = parsePush(record);
  assertEquals([target, expiresAt, addedAt, others], ["alexander", START + 3_600_000, START, []]);
});

Deno.test("PushRecords keeps the push before the append, so that no crash in between loses it", async () => {
  const { records, dueOf, append } = setUp();
  await records.keep([draft("1")]);
  assertEquals(await dueOf("1"), START + 10_000);
  assertEquals(await append(draft("1")), ["kept"]); // the publisher repeats it
  assertEquals(await dueOf("1"), START + 10_000);
});

Deno.test("PushRecords keeps no second push of a repeat, whether the first waits, was sent or was withdrawn", async () => {
  const { append, dueOf, schedule, clock, reported } = setUp();
  await append(draft("1"));
  clock.now += 1_000;
  assertEquals(await append(draft("1")), ["repeated"]);
  assertEquals(await dueOf("1"), START + 10_000);
  await schedule.cancel(pushKey("1", "alexander"));
  assertEquals(await append(draft("1")), ["repeated"]);
  assertEquals(await dueOf("1"), undefined);
  await append(draft("2", { push: { ...PUSH, after: 0 } }));
  await schedule.take("push", { records: 1, bytes: 1 });
  await schedule.forget([pushKey("2", "alexander")]);
  assertEquals(await append(draft("2", { push: { ...PUSH, after: 0 } })), ["repeated"]);
  assertEquals([await dueOf("2"), reported.length], [undefined, 2]);
});

Deno.test("PushRecords keeps no push of a notification that is refused, and leaves that of the other one", async () => {
  const { append, dueOf } = setUp();
  await append(draft("1", { push: null }));
  assertEquals(await append(draft("1", { digest: "other" })), ["conflict"]);
  assertEquals(await dueOf("1"), undefined);
  await append(draft("2"));
  assertEquals(await append(draft("2", { digest: "other" })), ["conflict"]);
  assertEquals(await dueOf("2"), START + 10_000);
});

Deno.test("PushRecords leaves a push whose notification may have been appended", async () => {
  const { records, dueOf } = setUp();
  await records.keep([draft("1")]); // and the append failed: nobody knows
  assertEquals(await dueOf("1"), START + 10_000);
});

Deno.test("PushRecords keeps the push of an id that is used anew, also while the earlier one is being sent", async () => {
  const { append, dueOf, schedule, clock } = setUp();
  await append(draft("1"));
  clock.now += 10_000;
  assertEquals((await schedule.take("push", { records: 1, bytes: 1 })).length, 1);
  clock.now += 3_600_000; // the journal has forgotten the id
  const sent = Promise.withResolvers<void>();
  const again = append(draft("1", { digest: "other" }));
  void again.then(() => sent.resolve());
  await new Promise((resolve) => setTimeout(resolve, 10));
  await schedule.forget([pushKey("1", "alexander")]);
  assertEquals(await again, ["kept"]);
  assertEquals(await dueOf("1"), clock.now + 10_000);
});

Deno.test("PushRecords refuses pushes that have no room, and keeps none of the request", async () => {
  const { records, dueOf } = setUp({ maxBytes: 3_000 });
  const drafts = ["1", "2", "3"].map((id) => draft(id, { data: `"${"x".repeat(300)}"` }));
  await assertRejects(() => records.keep(drafts), UnavailableError, "too many pushes");
  assertEquals(await Promise.all(["1", "2", "3"].map((id) => dueOf(id))), [undefined, undefined, undefined]);
});

Deno.test("PushRecords keeps of scheduled notifications the pushes that have room, and reports it once", async () => {
  const { records, dueOf, errors, reported, journal } = setUp({ maxBytes: 3_000 });
  const drafts = ["1", "2", "3"].map((id) => draft(id, { data: `"${"x".repeat(300)}"` }));
  const correct = await records.keep(drafts, { mayLack: true });
  await correct(await journal.append(drafts));
  assertEquals(await Promise.all(["1", "2", "3"].map((id) => dueOf(id))), [
    START + 10_000,
    undefined,
    undefined,
  ]);
  assertEquals([errors.length, reported.length], [1, 1]);
});

Deno.test("PushRecords keeps no push that would come after the notification has ended", async () => {
  const { append, dueOf } = setUp({ retention: { ...RETENTION, seconds: 10 } });
  await append(draft("1"), draft("2", { push: { ...PUSH, after: 9 } }));
  assertEquals([await dueOf("1"), await dueOf("2")], [undefined, START + 9_000]);
});

Deno.test("PushRecords keeps of large data only what a device shows", async () => {
  const { append, schedule, clock } = setUp();
  const large = { title: "T", body: 1, navigate: "/x", more: "x".repeat(5_000) };
  await append(draft("1", { data: JSON.stringify(large) }), draft("2", { data: `"${"x".repeat(5_000)}"` }));
  clock.now += 10_000;
  const pushes = (await schedule.take("push", { records: 9, bytes: 1e6 })).map(parsePush);
  assertEquals(pushes.map(({ data }) => JSON.parse(data)), [{ title: "T", navigate: "/x" }, null]);
});
