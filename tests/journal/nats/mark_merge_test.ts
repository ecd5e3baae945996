/** mergeMarks: changes of positions, merged by what is kept. */

import { assertEquals } from "@std/assert";
import type { ReadMark } from "../../../src/journal/read.ts";
import { mergeMarks } from "../../../src/journal/nats/mark_merge.ts";

const NOTHING: ReadMark = { through: null, read: [], unread: [] };

/** The position of a notification whose number is its digit. */
function at(sequence: number, stamp = "abc123"): string {
  return `k3x9f0ab-0000000000${sequence}-${stamp}`;
}

const kept = new Map(
  [2, 4, 6].map((n) => [n, { id: `${n}`, position: at(n), hasPush: n === 4 }]),
);

Deno.test("mergeMarks merges each change into the result of the one before, and answers each", () => {
  const { receipts, mark } = mergeMarks(NOTHING, {
    kept,
    changes: [
      { type: "read", positions: [at(4)] },
      { type: "read", positions: [at(4)] },
      { type: "read", through: at(5) },
      { type: "unread", positions: [at(4)] },
    ],
  });
  assertEquals(receipts, [
    { outcome: "marked", read: ["4"], pushes: ["4"] },
    { outcome: "unchanged" },
    { outcome: "marked", read: ["2"], pushes: [] },
    { outcome: "marked", read: [], pushes: [] },
  ]);
  assertEquals(mark, { through: at(5), read: [], unread: [at(4)] });
});

Deno.test("mergeMarks ignores a position whose number belongs to another message", () => {
  const changes = [{ type: "read", positions: [at(4, "abc124"), at(3)] }] as const;
  assertEquals(mergeMarks(NOTHING, { kept, changes }), { receipts: [{ outcome: "unchanged" }], mark: null });
});
