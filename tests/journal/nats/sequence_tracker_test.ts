/** SequenceTracker: it detects every gap in the messages of a target. */

import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { SequenceTracker } from "../../../src/journal/nats/sequence_tracker.ts";

Deno.test("SequenceTracker distinguishes the next message from a gap and from a repeat, on each subject", () => {
  const tracker = new SequenceTracker();
  tracker.begin(10);
  assertEquals(tracker.add({ lastToken: "~", sequence: 11, previous: 7 }), "next");
  assertEquals(tracker.add({ lastToken: "duel", sequence: 12, previous: 0 }), "next");
  assertEquals(tracker.add({ lastToken: "~", sequence: 15, previous: 13 }), "gap");
  assertEquals(tracker.add({ lastToken: "~", sequence: 15, previous: 13 }), "repeated");
  assertEquals(tracker.add({ lastToken: "~read", sequence: 17, previous: 9 }), "next");
  assertEquals(tracker.add({ lastToken: "~read", sequence: 20, previous: 19 }), "gap");
  assertEquals(tracker.add({ lastToken: "duel", sequence: 14, previous: 12 }), "gap", "out of order");
});

Deno.test("SequenceTracker detects no gap before it begins, and every gap after a restart", () => {
  const tracker = new SequenceTracker();
  assertEquals(tracker.add({ lastToken: "~", sequence: 20, previous: 19 }), "next");
  tracker.begin(25);
  assertEquals(tracker.add({ lastToken: "~", sequence: 26, previous: 24 }), "next", "24 is in the journal");
  tracker.restart(3);
  assertEquals(tracker.add({ lastToken: "~", sequence: 4, previous: 2 }), "next");
  assertEquals(tracker.add({ lastToken: "~", sequence: 9, previous: 6 }), "gap");
});

Deno.test("SequenceTracker.through is the number up to which a subject lacks nothing", () => {
  const tracker = new SequenceTracker();
  assertEquals(tracker.through("~"), 0);
  tracker.begin(10);
  assertEquals(tracker.through("~"), 10);
  tracker.add({ lastToken: "~", sequence: 12, previous: 0 });
  assertEquals([tracker.through("~"), tracker.through("duel")], [12, 10]);
});

Deno.test("SequenceTracker detects each missing message once", () => {
  const tracker = new SequenceTracker();
  tracker.begin(10);
  tracker.add({ lastToken: "~", sequence: 12, previous: 0 });
  const missing = [10, 12, 13, 13].map((sequence) => tracker.detectMissing("~", sequence));
  assertEquals(missing, [false, false, true, false]);
  assert(tracker.detectMissing("duel", 11));
});

Deno.test("SequenceTracker misses no gap, whatever arrives on whatever subject", () => {
  const messages = fc.array(
    fc.record({ lastToken: fc.constantFrom("~", "a", "b"), arrives: fc.boolean() }),
    { maxLength: 40 },
  );
  fc.assert(fc.property(messages, (messages) => {
    const tracker = new SequenceTracker();
    tracker.begin(0);
    const last = new Map<string, number>();
    const missing = new Set<string>();
    for (const [index, { lastToken, arrives }] of messages.entries()) {
      const sequence = index + 1;
      if (arrives) {
        const arrival = tracker.add({ lastToken, sequence, previous: last.get(lastToken) ?? 0 });
        assertEquals(arrival, missing.has(lastToken) ? "gap" : "next");
        missing.delete(lastToken);
      } else missing.add(lastToken);
      last.set(lastToken, sequence);
    }
    for (const [lastToken, sequence] of last) {
      assertEquals(tracker.detectMissing(lastToken, sequence), missing.has(lastToken));
    }
  }));
});
