/** Tests mergeReports: the sum of what several nodes report of one notification. */

import { assertEquals } from "@std/assert";
import { mergeReports, type NodeReport, type Report } from "../../src/reports/report.ts";

const NONE = { id: "duel", sent: 0, acked: 0, firstAckMs: null, read: 0 };

function report(acceptedAt: number | null, counts: Partial<NodeReport> = {}): NodeReport {
  return { ...NONE, acceptedAt, firstReadAt: null, push: null, ...counts };
}

function merged(acceptedAt: number, counts: Partial<Report> = {}): Report {
  return { ...NONE, acceptedAt, firstReadMs: null, push: null, ...counts };
}

Deno.test("mergeReports adds up sent, acked and read, and takes the earliest times", () => {
  const reports = [
    report(1_000, { sent: 3, acked: 2, firstAckMs: 70, read: 1, firstReadAt: 3_000 }),
    null,
    report(1_001, { sent: 2 }),
    report(1_000, { sent: 1, acked: 1, firstAckMs: 0, read: 2, firstReadAt: 2_500 }),
  ];
  const sum = { sent: 6, acked: 3, firstAckMs: 0, read: 3, firstReadMs: 1_500 };
  assertEquals(mergeReports(reports), merged(1_000, sum));
});

Deno.test("mergeReports adds what a node has counted that only knows who has read", () => {
  const reports = [report(null, { read: 2, firstReadAt: 900 }), report(1_000, { sent: 1 })];
  const sum = merged(1_000, { sent: 1, read: 2, firstReadMs: 0 }); // the clocks of nodes differ
  assertEquals([mergeReports(reports), mergeReports(reports.toReversed())], [sum, sum]);
});

Deno.test("mergeReports adds up the pushes that are due at the same time, and leaves out those of an earlier use of the id", () => {
  const pushes = [
    { dueAt: 2_000, sent: 1, failed: 0, gone: 2 },
    null,
    { dueAt: 2_000, sent: 3, failed: 1, gone: 0 },
    { dueAt: 500, sent: 9, failed: 9, gone: 9 },
  ];
  const sum = mergeReports([report(1_000), ...pushes.map((push) => report(null, { push }))]);
  assertEquals(sum, merged(1_000, { push: { dueAt: 2_000, sent: 4, failed: 1, gone: 2 } }));
});

Deno.test("mergeReports returns null if no node has accepted or sent the notification", () => {
  assertEquals([mergeReports([]), mergeReports([null, null])], [null, null]);
  assertEquals(mergeReports([null, report(null, { read: 1, firstReadAt: 7 })]), null);
});

Deno.test("mergeReports returns the only report if one node has one", () => {
  assertEquals(mergeReports([null, report(7, { sent: 1 }), null]), merged(7, { sent: 1 }));
});
