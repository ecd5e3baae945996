/** readKept: it reads only a part of what is kept, by which each merge gives what it gives with all. */

import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import type { ReadChange, ReadMark } from "../../../src/journal/read.ts";
import { readKept } from "../../../src/journal/nats/kept_reader.ts";
import { type KeptEntries, mergeMarks, readStateOf } from "../../../src/journal/nats/mark_merge.ts";
import type { StoredEntry } from "../../../src/journal/nats/message.ts";
import { stampedPosition } from "../../../src/journal/nats/stamp.ts";
import type { TargetReader } from "../../../src/journal/nats/target_reader.ts";
import type { Position } from "../../../src/wire/position.ts";

const NOTHING: ReadMark = { through: null, read: [], unread: [] };

function at(sequence: number): Position {
  return stampedPosition("k3x9f0ab", { sequence, stamp: "abc123" });
}

/** A reader of what is kept, which counts the entries that it reads. */
function readerOf(kept: readonly number[]): Pick<TargetReader, "kept" | "keptAt"> & { count: number } {
  const entryOf = (sequence: number): StoredEntry => {
    reader.count++;
    return {
      ...{ id: `${sequence}`, sequence, position: at(sequence), target: "alexander", topic: null, bytes: 0 },
      ...{ expiresAt: Infinity, hasOwnTtl: false, hasPush: false, text: "" },
    };
  };
  const reader = {
    count: 0,
    async *kept(
      _target: string,
      { from, last }: { from: number; last: number },
    ): AsyncGenerator<StoredEntry, undefined> {
      for (const sequence of await Promise.resolve(kept)) {
        if (sequence > from && sequence <= last) yield entryOf(sequence);
      }
    },
    keptAt: (_target: string, { sequences }: { sequences: readonly number[] }) =>
      Promise.resolve(sequences.filter((sequence) => kept.includes(sequence)).map(entryOf)),
  };
  return reader;
}

function allOf(kept: readonly number[]): KeptEntries {
  return new Map(
    kept.map((sequence) => [sequence, { id: `${sequence}`, position: at(sequence), hasPush: false }]),
  );
}

function query(mark: ReadMark, changes: readonly ReadChange[]): Parameters<typeof readKept>[1] {
  return { target: "alexander", state: readStateOf(mark), changes, last: 1_000, now: 0 };
}

for (const [amount, most] of [["few", 12], ["many", 200]] as const) {
  const positions = fc.array(fc.integer({ min: 1, max: most }), { maxLength: most / 2 })
    .map((all) => all.map(at));
  const change = fc.oneof<fc.Arbitrary<ReadChange>[]>(
    fc.record({ type: fc.constantFrom("read", "unread"), positions }),
    fc.record({ type: fc.constant("read"), through: fc.integer({ min: 1, max: most }).map(at) }),
  );
  const kept = fc.uniqueArray(fc.integer({ min: 1, max: most }), { maxLength: most })
    .map((all) => all.sort((a, b) => a - b));

  Deno.test(`readKept reads enough for every merge of ${amount} exceptions`, async () => {
    const batches = fc.array(fc.array(change, { maxLength: 3 }), { maxLength: 6 });
    await fc.assert(fc.asyncProperty(kept, batches, async (kept, batches) => {
      let mark = NOTHING;
      for (const [index, changes] of batches.entries()) {
        const remaining = kept.slice(index); // each time, the oldest one has expired
        const expected = mergeMarks(mark, { changes, kept: allOf(remaining) });
        const found = await readKept(readerOf(remaining), query(mark, changes));
        assertEquals(mergeMarks(mark, { changes, kept: found }), expected);
        mark = expected.mark ?? mark;
      }
    }));
  });
}

Deno.test("readKept reads few of many, even if the oldest one was never read", async () => {
  const reader = readerOf(Array.from({ length: 900 }, (_, n) => n + 1));
  const mark = { through: null, read: [at(800)], unread: [] };
  const found = await readKept(reader, query(mark, [{ type: "read", positions: [at(700)] }]));
  assertEquals([...found.keys()], [1, 700, 800]);
  assert(reader.count <= 3);
});
