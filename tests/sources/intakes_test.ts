/** Intakes: what all sources share, and what is counted by source. */

import { assertEquals, assertRejects } from "@std/assert";
import { UnavailableError } from "../../src/journal/journal.ts";
import { MemoryJournal } from "../../src/journal/memory.ts";
import { Problem } from "../../src/wire/problem.ts";
import { ManualJournal } from "./manual_journal.ts";
import { drafts } from "./test_drafts.ts";
import { testIntakes } from "./test_intake.ts";

async function assertUnavailable(attempt: Promise<unknown>): Promise<void> {
  const { kind } = await assertRejects(() => attempt, Problem);
  assertEquals(kind, "unavailable");
}

const RETENTION = { seconds: 3_600, perTarget: 1_000, bytes: 1_000_000 };

Deno.test("Intakes counts what is new by the source that it comes from", async () => {
  const counted: [string, number][] = [];
  const metrics = {
    accepted: (source: string, count: number) => void counted.push([source, count]),
    marked() {},
    appendStarted: () => 0,
    appendEnded() {},
  };
  const journal = new MemoryJournal({ offer: () => true, gap() {} }, RETENTION);
  const intakes = testIntakes({ journal, metrics });
  const mine = drafts(1).map((draft) => ({ ...draft, id: "mine", digest: "content" }));
  await intakes.from("http").accept([...drafts(2), ...mine]);
  await intakes.from("socket").accept([...drafts(1), ...mine]); // the last is a repeat
  assertEquals(counted, [["http", 3], ["socket", 1]]);
});

Deno.test("Intakes shares the room among all sources, and with marks", async () => {
  const journal = new ManualJournal();
  const intakes = testIntakes({ journal, queue: { size: 0, capacity: 10 } });
  const accepting = intakes.from("http").accept(drafts(10));
  assertEquals(intakes.from("ndjson").hasRoomFor(1), false);
  await assertUnavailable(intakes.from("socket").accept(drafts(1)));
  await assertUnavailable(intakes.mark("a", { type: "read", through: "p" }));
  journal.appends[0]?.answer.resolve([]);
  await accepting;
  assertEquals(intakes.from("ndjson").hasRoomFor(10), true);
});

Deno.test("Intakes.mark reports and counts what is marked, and nothing of a change that changes nothing", async () => {
  const journal = new MemoryJournal({ offer: () => true, gap() {} }, RETENTION);
  const reads: [readonly string[], string][] = [];
  let marks = 0;
  const intakes = testIntakes({
    journal,
    reports: { acceptedNew() {}, accepted() {}, read: (ids, target) => void reads.push([ids, target]) },
    metrics: { accepted() {}, marked: () => void marks++, appendStarted: () => 0, appendEnded() {} },
  });
  const [, receipt] = await intakes.from("http").accept(drafts(2));
  const position = receipt !== undefined && "position" in receipt ? receipt.position : "";
  for (let n = 0; n < 2; n++) await intakes.mark("alexander", { type: "read", positions: [position] });
  assertEquals([reads, marks], [[[["1"], "alexander"]], 1]);
});

Deno.test("Intakes.mark refuses if the queue has no room for it, or the service stops", async () => {
  for (const options of [{ size: 10 }, { isDraining: () => true }]) {
    const { size, isDraining } = { size: 0, isDraining: () => false, ...options };
    const intakes = testIntakes({ journal: new ManualJournal(), queue: { size, capacity: 10 }, isDraining });
    await assertUnavailable(intakes.mark("a", { type: "read", through: "p" }));
  }
});

Deno.test("Intakes.settled resolves when every append has resolved or rejected", async () => {
  const journal = new ManualJournal(), intakes = testIntakes({ journal }), intake = intakes.from("http");
  await intakes.settled();
  const [kept, failed] = [intake.accept(drafts(1)), intake.accept(drafts(1))];
  const answered: string[] = [];
  const settling = intakes.settled().then(() => answered.push("settled"));
  journal.appends[0]?.answer.resolve([]);
  await kept;
  await new Promise((resolve) => setImmediate(resolve));
  answered.push("last");
  journal.appends[1]?.answer.reject(new UnavailableError("the disk is full"));
  await assertUnavailable(failed);
  await settling;
  assertEquals(answered, ["last", "settled"]);
});
