/** The changes of a presence record: each can be repeated, and its events stay few and in order. */

import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import {
  isEmptyRecord,
  MAX_EVENTS,
  NOBODY,
  toldBy,
  withNode,
  withoutEvent,
  withoutNode,
} from "../../src/presence/presence_record.ts";

const MOMENT = { node: "n1", at: 1, now: 2 };

Deno.test("withNode and withoutNode change nothing when they are repeated", () => {
  const online = withNode(NOBODY, MOMENT);
  assertStrictEquals(withNode(online, { ...MOMENT, at: 3 }), online);
  const offline = withoutNode(online, MOMENT);
  assertStrictEquals(withoutNode(offline, MOMENT), offline);
  assertStrictEquals(withoutNode(offline, { ...MOMENT, node: "n2" }), offline);
  assertEquals(offline.events.map(({ type }) => type), ["target.online", "target.offline"]);
});

Deno.test("withNode and withoutNode drop pairs of events from the middle when there are too many", () => {
  let record = withNode(NOBODY, MOMENT);
  const [first] = record.events;
  for (let n = 0; n < MAX_EVENTS; n++) record = withNode(withoutNode(record, MOMENT), { ...MOMENT, at: n });
  assert(record.events.length <= MAX_EVENTS);
  assertEquals([record.events[0], record.events.at(-1)?.at], [first, MAX_EVENTS - 1]);
  record.events.forEach(({ type }, index) =>
    assertEquals(type, index % 2 === 0 ? "target.online" : "target.offline")
  );
});

Deno.test("withoutEvent leaves the teller to the events that are left, and an empty record without any", () => {
  const both = withoutNode(withNode(NOBODY, MOMENT), { ...MOMENT, teller: "n2" });
  const [online, offline] = both.events;
  assert(online !== undefined && offline !== undefined);
  const one = withoutEvent(both, online.id);
  assertEquals([one.events, one.teller], [[offline], "n1"]);
  assertStrictEquals(withoutEvent(one, online.id), one);
  const none = withoutEvent(one, offline.id);
  assert(isEmptyRecord(none) && none.teller === null && !isEmptyRecord(one));
});

Deno.test("toldBy changes who tells, if there is something to tell", () => {
  const record = withNode(NOBODY, MOMENT);
  assertEquals(toldBy(record, "n2").teller, "n2");
  assertStrictEquals(toldBy(record, "n1"), record);
  assertStrictEquals(toldBy(NOBODY, "n2"), NOBODY);
});
