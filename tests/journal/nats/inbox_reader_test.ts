/** InboxReader: its page, its mark and its position are of one moment. */

import { assertEquals } from "@std/assert";
import { InboxReader } from "../../../src/journal/nats/inbox_reader.ts";
import type { StoredEntry } from "../../../src/journal/nats/message.ts";

function entry(sequence: number, more: Partial<StoredEntry> = {}): StoredEntry {
  return {
    ...{
      id: `${sequence}`,
      sequence,
      position: `k3x9f0ab-0000000000${sequence}-abc123`,
      target: "alexander",
    },
    ...{ topic: null, expiresAt: Infinity, hasOwnTtl: false, hasPush: false, text: "", bytes: 10 },
    ...more,
  };
}

Deno.test("InboxReader moves its position behind a mark that was stored after the end of the stream was read", async () => {
  const text = JSON.stringify({ through: entry(2).position, read: [], unread: [] });
  const reader = new InboxReader({
    entries: {
      markOf: () => Promise.resolve(entry(4, { id: null, text })),
      async *kept(_target, { last }): AsyncGenerator<StoredEntry, undefined> {
        const kept = [1, 2, 3, 5].filter((sequence) => sequence <= last).map((sequence) => entry(sequence));
        yield* await Promise.resolve(kept);
      },
    },
    past: { locate: () => Promise.resolve(null) },
    stamps: { head: (sequence) => Promise.resolve({ sequence, stamp: "abc123" }) },
    range: () => Promise.resolve({ epoch: "k3x9f0ab", first: 1, last: 2 }),
    now: () => 0,
  });
  const { entries, unread, position, more } = await reader.read("alexander", null, {
    entries: 2,
    bytes: 1_000,
  });
  assertEquals(entries.map(({ id }) => id), ["3", "2"]);
  assertEquals([unread, position, more], [1, entry(4).position, true]);
});

Deno.test("InboxReader has the position of the newest entry although a later one of its topic replaces it meanwhile", async () => {
  const reader = new InboxReader({
    entries: {
      markOf: () => Promise.resolve(null),
      async *kept(): AsyncGenerator<StoredEntry, undefined> {
        yield* await Promise.resolve([entry(1), entry(2, { topic: "duel" })]);
      },
    },
    past: { locate: () => Promise.resolve(null) },
    stamps: { head: (sequence) => Promise.resolve({ sequence, stamp: "000000" }) }, // there is no such message
    range: () => Promise.resolve({ epoch: "k3x9f0ab", first: 1, last: 2 }),
    now: () => 0,
  });
  const { entries, position } = await reader.read("alexander", null, { entries: 2, bytes: 1_000 });
  assertEquals([entries[0]?.position, position], [entry(2).position, entry(2).position]);
});
