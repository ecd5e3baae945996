/** StreamStats: what the state of a stream says about the journal. */

import { assertEquals } from "@std/assert";
import { StreamStats } from "../../../src/journal/nats/stream_stats.ts";

const CREATED = "2026-01-01T00:00:00.123456789Z";
const EMPTY = { messages: 0, bytes: 0, last_seq: 0, first_ts: "0001-01-01T00:00:00Z" };

function content(state: Partial<typeof EMPTY>, created = CREATED) {
  return { created, state: { ...EMPTY, first_ts: "2026-01-02T00:00:00.5Z", ...state } };
}

Deno.test("StreamStats has no oldest entry if the stream is empty", () => {
  const stats = new StreamStats({ created: CREATED, state: EMPTY });
  assertEquals(stats.current, { entries: 0, bytes: 0, oldestAt: null, evicted: { unknown: 0 } });
});

Deno.test("StreamStats counts the messages that were removed since it was created", () => {
  const stats = new StreamStats(content({ messages: 10, last_seq: 15, bytes: 1_000 }));
  assertEquals(stats.current.evicted, { unknown: 0 });
  stats.update(content({ messages: 12, last_seq: 20, bytes: 1_200 }));
  stats.update(content({ messages: 12, last_seq: 21, bytes: 1_300 }));
  const oldestAt = Date.UTC(2026, 0, 2, 0, 0, 0, 500);
  assertEquals(stats.current, { entries: 12, bytes: 1_300, oldestAt, evicted: { unknown: 4 } });
});

Deno.test("StreamStats counts nothing between two streams, or if the stream has gone back", () => {
  const stats = new StreamStats(content({ messages: 10, last_seq: 10 }));
  stats.update(content({ messages: 1, last_seq: 9 }, "2026-02-01T00:00:00Z"));
  stats.update(content({ messages: 1, last_seq: 3 }, "2026-02-01T00:00:00Z"));
  assertEquals(stats.current.evicted, { unknown: 0 });
  stats.update(content({ messages: 1, last_seq: 4 }, "2026-02-01T00:00:00Z"));
  assertEquals(stats.current.evicted, { unknown: 1 });
});
