/** sumOf: what several nodes know of one notification. */

import { assertEquals } from "@std/assert";
import { type Report, sumOf } from "../../src/reports/report.ts";

function report(acceptedAt: number, counts: Partial<Report> = {}): Report {
  return { id: "duel", acceptedAt, sent: 0, acked: 0, firstAckMs: null, ...counts };
}

Deno.test("sumOf adds up what was sent and acked, and takes the earliest of the times", () => {
  const sum = sumOf([
    report(1_000, { sent: 3, acked: 2, firstAckMs: 70 }),
    null,
    report(1_001, { sent: 2 }),
    report(1_000, { sent: 1, acked: 1, firstAckMs: 0 }),
  ]);
  assertEquals(sum, report(1_000, { sent: 6, acked: 3, firstAckMs: 0 }));
});

Deno.test("sumOf knows nothing if no node does, and only what the one does that knows something", () => {
  assertEquals([sumOf([]), sumOf([null, null])], [null, null]);
  assertEquals(sumOf([null, report(7, { sent: 1 }), null]), report(7, { sent: 1 }));
});
