/** Tests ReadCounts: each target counts once, and the limits hold whatever is read. */

import { assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { ReadCounts } from "../../src/reports/read_counts.ts";
import { reportLimits } from "../../src/reports/report_limits.ts";
import { ReadCountsModel } from "./read_counts_model.ts";

const AMPLE = reportLimits({ seconds: 3_600 });
const START = Date.UTC(1804, 6, 11, 7);
const IDS = ["a", "b", "c", "d", "e", "f"];

/** One target reads one notification, some time after the last step. */
const step = fc.record({
  id: fc.constantFrom(...IDS),
  report: fc.constantFrom(0, 0, 1, 2),
  target: fc.constantFrom("alexander", "burr", "eliza", "jefferson"),
  afterMs: fc.constantFrom(0, 0, 1, 30),
});
const limits = fc.record({
  maxReports: fc.integer({ min: 1, max: 6 }),
  maxReaders: fc.integer({ min: 0, max: 6 }),
  maxAgeMs: fc.integer({ min: 1, max: 100 }),
});

Deno.test("ReadCounts counts each target once, whatever is read how often", () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const counts = new ReadCounts({ ...AMPLE, maxReports: 16 });
    const readers = new Map(IDS.map((id) => [id, new Set<string>()]));
    for (const { id, target } of steps) {
      counts.count({ id, report: 1, now: START }, target);
      readers.get(id)?.add(target);
    }
    for (const [id, { size }] of readers) {
      assertEquals(counts.of({ id, report: 1, now: START }).read, size);
    }
  }));
});

Deno.test("ReadCounts equals a simple model within any limits, also if ids are used again", () => {
  fc.assert(
    fc.property(limits, fc.array(step, { minLength: 10, maxLength: 80 }), (limits, steps) => {
      const counts = new ReadCounts(limits), model = new ReadCountsModel(limits);
      let now = START;
      for (const { id, report, target, afterMs } of steps) {
        now += afterMs;
        for (const one of [counts, model]) one.count({ id, report, now }, target);
        const queries = IDS.flatMap((id) => [0, 1, 2].map((report) => ({ id, report, now })));
        assertEquals(queries.map((query) => counts.of(query)), queries.map((query) => model.of(query)));
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("ReadCounts remembers nothing for longer than it counts once another notification is read", () => {
  const counts = new ReadCounts({ ...AMPLE, maxAgeMs: 1_000 });
  const read = (id: string, afterMs: number) => counts.count({ id, report: 0, now: START + afterMs }, "burr");
  for (const [n, id] of ["a", "b", "c"].entries()) read(id, 100 * n);
  read("c", 1_150); // it was read before
  assertEquals(counts.size, 3);
  read("d", 1_150);
  assertEquals(counts.size, 2); // "c" and "d"
  read("a", 5_000);
  assertEquals(counts.size, 1);
});

Deno.test("ReadCounts remembers no more readers than its limit, and still counts them all", () => {
  const counts = new ReadCounts({ ...AMPLE, maxReaders: 1_000 });
  const duel = { id: "duel", report: 1, now: START };
  for (let n = 0; n < 5_000; n++) counts.count(duel, `reader-${n}`);
  assertEquals(counts.of(duel).read, 5_000);
  counts.count(duel, "reader-0");
  assertEquals(counts.of(duel).read, 5_001, "it has forgotten the readers of this notification");
  const bank = { ...duel, id: "bank", report: 2 };
  for (const target of ["alexander", "burr", "alexander"]) counts.count(bank, target);
  assertEquals(counts.of(bank).read, 2);
});

Deno.test("ReadCounts forgets who has read of a target, and keeps the counts", () => {
  const counts = new ReadCounts(AMPLE), now = START;
  for (const [id, target] of [["a", "alexander"], ["b", "alexander"], ["b", "eliza"]] as const) {
    counts.count({ id, report: 0, now }, target);
  }
  counts.forget("alexander");
  const readOf = (id: string) => counts.of({ id, report: 0, now }).read;
  assertEquals([readOf("a"), readOf("b")], [1, 2]);
  counts.count({ id: "b", report: 0, now }, "eliza"); // who is still known
  counts.count({ id: "b", report: 0, now }, "alexander"); // who is not
  assertEquals(readOf("b"), 3);
});
