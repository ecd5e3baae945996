/** The record of a push, as nodes and others may have stored it. */

import { assertEquals, assertThrows } from "@std/assert";
import { type DuePush, parsePush, toRecord } from "../../src/push/push_record.ts";

const PUSH: DuePush = {
  ...{ id: "duel", target: "alexander", topic: null, urgency: "high", data: "1", after: "p" },
  ...{ addedAt: 1, dueAt: 2, expiresAt: 3, attempts: 0, left: [{ id: "d", at: 1 }] },
  request: { after: 1, title: "T", body: null, navigate: null },
  trace: { traceparent: "00-1" },
};

Deno.test("parsePush returns what toRecord has written", () => {
  assertEquals(parsePush(toRecord(PUSH, { digest: "", at: 2 })), PUSH);
});

for (
  const change of [
    ...[{ id: 5 }, { target: null }, { request: null }, { request: {} }, { left: "all" }, { left: [null] }],
    ...[{ expiresAt: null }, { attempts: "1" }, { urgency: "soon" }, { data: 1 }, { data: "{" }, {
      dueAt: 1e300,
    }],
  ]
) {
  Deno.test(`parsePush refuses ${JSON.stringify(change)}, which would fail each time that it is tried`, () => {
    assertThrows(() => parsePush({ content: JSON.stringify({ ...PUSH, ...change }) }));
  });
}
