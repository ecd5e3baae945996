/** OldestEntry: reads a text only if another entry is the oldest, and survives what it cannot read. */

import { assertEquals } from "@std/assert";
import type { EntryMeta } from "../../../src/journal/index/target_log.ts";
import { OldestEntry } from "../../../src/journal/sqlite/oldest_entry.ts";

const AT = Date.UTC(1804, 6, 11, 7);
const TEXT = `{"type":"notification","id":"a","position":"p","at":"${new Date(AT).toISOString()}","data":1}`;

function entry(sequence: number): EntryMeta {
  const more = { target: "alexander", topic: null, expiresAt: 0, hasOwnTtl: false, bytes: 9, mark: null };
  return { sequence, ...more };
}

/** An oldest entry, of which a file reads the texts with these answers, in order. */
function setUp(...answers: readonly (string | null | Error)[]) {
  const index: { oldest: EntryMeta | undefined } = { oldest: undefined };
  const read: number[] = [];
  const file = {
    texts(sequences: readonly number[]) {
      const answer = answers[read.push(...sequences) - 1] ?? null;
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve([answer]);
    },
  };
  return { oldest: new OldestEntry({ file, index }), index, read };
}

Deno.test("OldestEntry reads the text of each oldest entry once, and nothing of an empty journal", async () => {
  const { oldest, index, read } = setUp(TEXT, TEXT);
  await oldest.refresh();
  assertEquals([oldest.at, read], [null, []]);
  for (const sequence of [1, 1, 2]) {
    index.oldest = entry(sequence);
    await oldest.refresh();
    assertEquals(oldest.at, AT);
  }
  assertEquals(read, [1, 2]);
  index.oldest = undefined;
  assertEquals(oldest.at, null);
});

Deno.test("OldestEntry does not know the time of a damaged entry, and tries again if the file cannot be read", async () => {
  const { oldest, index, read } = setUp(TEXT, null, new Error("the disk is away"), TEXT);
  for (const [sequence, at] of [[1, AT], [2, null], [2, null], [3, null], [3, AT]] as const) {
    index.oldest = entry(sequence);
    await oldest.refresh();
    assertEquals(oldest.at, at);
  }
  assertEquals(read, [1, 2, 3, 3]);
});
