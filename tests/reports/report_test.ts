/** Tests mergeReports: the sum of what several nodes report of one notification. */

import { assertEquals } from "@std/assert";
import { mergeReports, type Report } from "../../src/reports/report.ts";

function report(acceptedAt: number, counts: Partial<Report> = {}): Report {
  return { id: "duel", acceptedAt, sent: 0, acked: 0, firstAckMs: null, ...counts };
}

Deno.test("mergeReports adds up sent and acked, and takes the earliest times", () => {
  const merged = mergeReports([
    report(1_000, { sent: 3, acked: 2, firstAckMs: 70 }),
    null,
    report(1_001, { sent: 2 }),
    report(1_000, { sent: 1, acked: 1, firstAckMs: 0 }),
  ]);
  assertEquals(merged, report(1_000, { sent: 6, acked: 3, firstAckMs: 0 }));
});

Deno.test("mergeReports returns null if no node has a report, and the only report if one node has one", () => {
  assertEquals([mergeReports([]), mergeReports([null, null])], [null, null]);
  assertEquals(mergeReports([null, report(7, { sent: 1 }), null]), report(7, { sent: 1 }));
});
