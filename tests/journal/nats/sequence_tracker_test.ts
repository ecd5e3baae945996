import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { SequenceTracker } from "../../../src/journal/nats/sequence_tracker.ts";

Deno.test("SubjectChains tells what follows from what is torn or repeated, on each subject", () => {
  const chains = new SequenceTracker();
  chains.begin(10);
  assertEquals(chains.add({ lastToken: "~", sequence: 11, previous: 7 }), "next");
  assertEquals(chains.add({ lastToken: "duel", sequence: 12, previous: 0 }), "next");
  assertEquals(chains.add({ lastToken: "~", sequence: 15, previous: 13 }), "torn");
  assertEquals(chains.add({ lastToken: "~", sequence: 15, previous: 13 }), "repeated");
  assertEquals(chains.add({ lastToken: "duel", sequence: 14, previous: 12 }), "torn", "out of order");
  assertEquals(chains.newest, 15);
});

Deno.test("SubjectChains finds nothing torn before it is begun, and everything after it was restarted", () => {
  const chains = new SequenceTracker();
  assertEquals(chains.add({ lastToken: "~", sequence: 20, previous: 19 }), "next");
  chains.begin(25);
  assertEquals(chains.add({ lastToken: "~", sequence: 26, previous: 24 }), "next", "24 is in the journal");
  chains.restart(3);
  assertEquals(chains.add({ lastToken: "~", sequence: 4, previous: 2 }), "next");
  assertEquals(chains.add({ lastToken: "~", sequence: 9, previous: 6 }), "torn");
});

Deno.test("SubjectChains is told of each that is lacking once", () => {
  const chains = new SequenceTracker();
  chains.begin(10);
  chains.add({ lastToken: "~", sequence: 12, previous: 0 });
  assertEquals([10, 12, 13, 13].map((sequence) => chains.lacks("~", sequence)), [false, false, true, false]);
  assert(chains.lacks("duel", 11));
});

Deno.test("SubjectChains misses no gap, whatever comes through on whatever subjects", () => {
  const messages = fc.array(
    fc.record({ lastToken: fc.constantFrom("~", "a", "b"), arrives: fc.boolean() }),
    { maxLength: 40 },
  );
  fc.assert(fc.property(messages, (messages) => {
    const chains = new SequenceTracker();
    chains.begin(0);
    const last = new Map<string, number>();
    const missing = new Set<string>();
    for (const [index, { lastToken, arrives }] of messages.entries()) {
      const sequence = index + 1;
      if (arrives) {
        const came = chains.add({ lastToken, sequence, previous: last.get(lastToken) ?? 0 });
        assertEquals(came, missing.has(lastToken) ? "torn" : "next");
        missing.delete(lastToken);
      } else missing.add(lastToken);
      last.set(lastToken, sequence);
    }
    for (const [lastToken, sequence] of last) {
      assertEquals(chains.lacks(lastToken, sequence), missing.has(lastToken));
    }
  }));
});
