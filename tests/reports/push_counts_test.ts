/** PushCounts: the pushes of the latest notifications, on one node. */

import { assertEquals } from "@std/assert";
import { PushCounts } from "../../src/reports/push_counts.ts";

const LIMITS = { maxReports: 3, maxAgeMs: 1_000 };
const NONE = { sent: 0, failed: 0, gone: 0 };

Deno.test("PushCounts adds up the devices of all targets of a notification", () => {
  const counts = new PushCounts(LIMITS), push = { id: "duel", dueAt: 500 };
  assertEquals(counts.of("duel", 0), null);
  counts.count(push);
  counts.count(push);
  assertEquals(counts.of("duel", 0), { dueAt: 500, ...NONE });
  counts.count(push, { sent: 2, failed: 0, gone: 1 });
  counts.count(push, { sent: 1, failed: 4, gone: 0 });
  counts.count(push);
  assertEquals(counts.of("duel", 0), { dueAt: 500, sent: 3, failed: 4, gone: 1 });
});

Deno.test("PushCounts begins anew for a notification that uses an id again", () => {
  const counts = new PushCounts(LIMITS);
  counts.count({ id: "duel", dueAt: 500 }, { ...NONE, sent: 2 });
  counts.count({ id: "duel", dueAt: 700 }, { ...NONE, failed: 1 });
  assertEquals(counts.of("duel", 0), { dueAt: 700, sent: 0, failed: 1, gone: 0 });
});

Deno.test("PushCounts forgets the oldest notification, and what was due long ago", () => {
  const counts = new PushCounts(LIMITS);
  for (const id of ["1", "2", "3"]) counts.count({ id, dueAt: 500 });
  counts.count({ id: "1", dueAt: 500 }, { ...NONE, sent: 1 });
  counts.count({ id: "4", dueAt: 600 });
  assertEquals(["1", "2", "3", "4"].map((id) => counts.of(id, 0)?.dueAt), [undefined, 500, 500, 600]);
  assertEquals(["3", "4"].map((id) => counts.of(id, 1_500)?.dueAt), [undefined, 600]);
});

Deno.test("PushCounts remembers nothing for longer than it counts once another push is due", () => {
  const counts = new PushCounts({ ...LIMITS, maxReports: 100 });
  for (const [n, id] of ["1", "2", "3"].entries()) counts.count({ id, dueAt: 100 * n });
  assertEquals(counts.size, 3);
  counts.count({ id: "4", dueAt: 1_100 });
  assertEquals(counts.size, 2); // "3" and "4"
  counts.count({ id: "5", dueAt: 5_000 });
  assertEquals(counts.size, 1);
});
