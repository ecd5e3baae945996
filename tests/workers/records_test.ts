/** What crosses in records arrives unchanged, whatever it contains. */

import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import type { Draft, Entry, Receipt } from "../../src/journal/journal.ts";
import { maxBytesOfDrafts, readDrafts, writeDrafts } from "../../src/workers/draft_record.ts";
import { maxBytesOfEntry, readEntry, writeEntry } from "../../src/workers/entry_record.ts";
import { maxBytesOfReceipts, readReceipts, writeReceipts } from "../../src/workers/receipt_record.ts";
import { RingReader } from "../../src/workers/ring_reader.ts";
import { RingWriter } from "../../src/workers/ring_writer.ts";

const text = fc.string({ unit: "grapheme", maxLength: 40 });
const optional = fc.option(text);
const when = fc.integer({ min: 0, max: 2 ** 45 }).map((ms) => ms / 2);
const PLAIN = { noNullPrototype: true };

const draft: fc.Arbitrary<Draft> = fc.record({
  id: text,
  target: optional,
  data: text,
  ttl: fc.option(fc.nat()),
  topic: optional,
  urgency: fc.constantFrom(null, "low" as const, "high" as const),
  push: fc.constant(null),
  digest: optional,
}, PLAIN).chain((plain) => fc.constantFrom(plain, { ...plain, span: "s", trace: { traceparent: "é" } }));

const entry: fc.Arbitrary<Entry & { sequence?: number }> = fc.record({
  id: optional,
  position: text,
  target: optional,
  topic: optional,
  expiresAt: when,
  hasOwnTtl: fc.boolean(),
  hasPush: fc.boolean(),
  text,
}, PLAIN).chain((one) => {
  const whole = { ...one, bytes: new TextEncoder().encode(one.text).length };
  return fc.constantFrom(whole, { ...whole, sequence: 2 ** 40 }, { ...whole, span: "span" });
});

const receipt: fc.Arbitrary<Receipt> = fc.oneof(
  fc.constant({ outcome: "conflict" as const }),
  fc.record({
    outcome: fc.constantFrom("kept" as const, "repeated" as const),
    position: fc.stringMatching(/^[0-9a-z]{8}-[0-9a-z]{11}$/),
    expiresAt: when,
  }, PLAIN),
);

interface Codec<T> {
  readonly max: (value: T) => number;
  readonly write: (ring: RingWriter, offset: number, value: T) => number;
  readonly read: (ring: RingReader, offset: number, end: number) => T;
}

/** Fails unless each value arrives as it was sent, within the room that was asked for. */
function arrives<T>(values: fc.Arbitrary<T>, { max, write, read }: Codec<T>): void {
  const ring = new RingWriter(64 * 1024), reader = new RingReader(ring.attach(0));
  fc.assert(fc.property(values, (value) => {
    const at = ring.reserve(max(value)), end = write(ring, at, value);
    assert(end - at <= max(value));
    ring.commit(end - at, 1);
    reader.read(1, (offset, length) => assertEquals(read(reader, offset, offset + length), value));
  }));
}

Deno.test("Drafts arrive unchanged, also many with the same content", () => {
  const codec = { max: maxBytesOfDrafts, write: writeDrafts, read: readDrafts };
  arrives<readonly Draft[]>(fc.array(draft, { minLength: 1, maxLength: 20 }), codec);
  const targets = fc.array(optional, { minLength: 2, maxLength: 20 });
  const many = fc.tuple(draft, targets).map(([one, targets]) =>
    targets.map((target) => ({ ...one, target }))
  );
  arrives<readonly Draft[]>(many, codec);
});

Deno.test("Entries arrive unchanged", () => {
  arrives(entry, { max: maxBytesOfEntry, write: writeEntry, read: readEntry });
});

Deno.test("Receipts arrive unchanged", () => {
  const codec = { max: maxBytesOfReceipts, write: writeReceipts, read: readReceipts };
  arrives<readonly Receipt[]>(fc.array(receipt, { minLength: 1, maxLength: 50 }), codec);
});
