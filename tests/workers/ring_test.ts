/** A ring loses nothing, keeps the order, and is full when it is full: over any sequence of writes and reads. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import { PLACES } from "../../src/workers/ring_memory.ts";
import { RingReader } from "../../src/workers/ring_reader.ts";
import { RingWriter } from "../../src/workers/ring_writer.ts";

const READERS = 3;

type Step =
  | { readonly kind: "write"; readonly length: number; readonly unused: number; readonly readers: number }
  | { readonly kind: "read"; readonly reader: number; readonly max: number };

const steps = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant("write" as const),
      length: fc.integer({ min: 1, max: 90 }),
      unused: fc.integer({ min: 0, max: 40 }),
      readers: fc.integer({ min: 0, max: 2 ** READERS - 1 }),
    }),
    fc.record({
      kind: fc.constant("read" as const),
      reader: fc.integer({ min: 0, max: READERS - 1 }),
      max: fc.integer({ min: 1, max: 5 }),
    }),
  ),
  { maxLength: 400 },
);

/** Writes a record of which each byte says which one it is. Returns false if there is no room. */
function write(
  ring: RingWriter,
  { length, unused, readers }: Extract<Step, { kind: "write" }>,
  value: number,
): boolean {
  const at = ring.reserve(length + unused);
  if (at < 0) return false;
  ring.buffer.fill(value & 0xff, at, at + length);
  assertEquals(ring.commit(length, readers), 0);
  return true;
}

/** Runs steps against a ring and a model that is a queue for each reader. */
function run(all: readonly Step[], size: number): void {
  const ring = new RingWriter(size);
  const readers = Array.from({ length: READERS }, (_, reader) => new RingReader(ring.attach(reader)));
  const waiting: { value: number; length: number }[][] = readers.map(() => []);
  const take = (reader: number, max: number) => {
    readers[reader]?.read(max, (offset, length) => {
      const expected = waiting[reader]?.shift();
      const bytes = readers[reader]?.buffer.subarray(offset, offset + length);
      assertEquals([length, new Set(bytes)], [expected?.length, new Set([(expected?.value ?? 0) & 0xff])]);
    });
  };
  for (const [value, step] of all.entries()) {
    if (step.kind === "read") {
      take(step.reader, step.max);
    } else if (write(ring, step, value)) {
      for (const [reader, queue] of waiting.entries()) {
        if ((step.readers & (1 << reader)) !== 0) queue.push({ value, length: step.length });
      }
    } else {
      assert(waiting.some(({ length }) => length > 0), "an empty ring has room for every record");
    }
  }
  for (const [reader] of readers.entries()) take(reader, Infinity);
  assertEquals(waiting, [[], [], []]);
  assert(readers.every(({ isEmpty }) => isEmpty));
}

Deno.test("RingWriter and RingReaders lose nothing and keep the order, however they wrap", () => {
  fc.assert(fc.property(steps, fc.integer({ min: 130, max: 600 }), run), { numRuns: 300 });
});

Deno.test("RingWriter has no room for a record until a reader that it concerns has read", () => {
  const ring = new RingWriter(100),
    reader = new RingReader(ring.attach(0)),
    idle = new RingReader(ring.attach(1));
  for (let count = 0; count < 2; count++) {
    assert(write(ring, { kind: "write", length: 40, unused: 0, readers: 1 }, count));
  }
  assertEquals(ring.reserve(40), -1);
  assertEquals(idle.read(Infinity, () => {}), 0);
  reader.read(1, () => {});
  assert(ring.reserve(40) >= 0);
  assertEquals(ring.reserve(101), -1, "a record that can never fit");
});

Deno.test("RingWriter says which readers have no place left, and the others get the record", () => {
  const ring = new RingWriter(4 * PLACES),
    slow = new RingReader(ring.attach(0)),
    fast = new RingReader(ring.attach(4));
  let read = 0;
  for (let count = 0; count < PLACES; count++) {
    assert(ring.reserve(1) >= 0);
    assertEquals(ring.commit(1, 0b10001), 0);
    read += fast.read(Infinity, () => {});
  }
  ring.reserve(1);
  assertEquals(ring.commit(1, 0b10001), 0b00001);
  assertEquals(read + fast.read(Infinity, () => {}), PLACES + 1);
  assertEquals(slow.read(Infinity, () => {}), PLACES);
});

Deno.test("RingWriter waits no longer for a reader that was detached", () => {
  const ring = new RingWriter(100);
  ring.attach(0);
  assert(write(ring, { kind: "write", length: 90, unused: 0, readers: 1 }, 1));
  assertEquals(ring.reserve(90), -1);
  ring.detach(0);
  assert(ring.reserve(90) >= 0);
});

Deno.test("RingReader goes on after a record that it could not process", () => {
  const ring = new RingWriter(100), reader = new RingReader(ring.attach(0));
  for (const value of [1, 2]) write(ring, { kind: "write", length: 4, unused: 0, readers: 1 }, value);
  assertThrows(
    () =>
      reader.read(1, () => {
        throw new Error("broken");
      }),
    Error,
    "broken",
  );
  const values: (number | undefined)[] = [];
  reader.read(Infinity, (offset) => values.push(reader.buffer[offset]));
  assertEquals(values, [2]);
});
