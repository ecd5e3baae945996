/** DeliverySpans: one span for each notification, however many connections, and nothing that grows without end. */

import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import type { Tracer } from "@opentelemetry/api";
import { createEntry } from "../../src/journal/entry.ts";
import { positionOf } from "../../src/wire/position.ts";
import { DeliverySpans } from "../../src/tracing/delivery_spans.ts";
import { PLAIN_DRAFT } from "../journal/plain_draft.ts";
import { recordingTracer } from "./recording_tracer.ts";

const SPAN = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

function entryAt(sequence: number, span?: string) {
  const draft = {
    ...PLAIN_DRAFT,
    id: `${sequence}`,
    target: "a",
    data: "1",
    ...span !== undefined && { span },
  };
  const position = positionOf("k3x9f0ab", sequence);
  return createEntry(draft, { sequence, position, acceptedAt: 0, retentionSeconds: 60 });
}

function setUp() {
  const { tracer, spans } = recordingTracer(), offered: string[] = [];
  const deliveries = new DeliverySpans(tracer as Tracer, Date.now);
  const feed = deliveries.feed({ offer: ({ position }) => offered.push(position) > 0, gap() {} });
  return { deliveries, feed, spans, offered };
}

Deno.test("DeliverySpans records the offer, the first frame and the number of connections in one span", () => {
  using time = new FakeTime();
  const { deliveries, feed, spans } = setUp(), entry = entryAt(1, SPAN), start = Date.now();
  feed.offer(entry);
  time.tick(3);
  for (let tab = 0; tab < 3; tab++) deliveries.sent([entryAt(9), entry]);
  time.tick(5);
  deliveries.sent([entry]);
  assertEquals(spans, []);
  time.tick(1_000);
  assertEquals(spans, [{
    name: "deliver",
    parent: SPAN,
    attributes: { "tidings.connections": 4 },
    start,
    events: [["first frame", start + 3]],
    end: start + 8,
  }]);
  deliveries.sent([entry]);
  time.tick(20_000);
  assertEquals(spans.length, 1);
});

Deno.test("DeliverySpans records a notification that no connection was sent in ten seconds", () => {
  using time = new FakeTime();
  const { feed, spans } = setUp();
  feed.offer(entryAt(1, SPAN));
  time.tick(9_000);
  assertEquals(spans, []);
  time.tick(2_000);
  assertEquals(spans.map(({ attributes, events }) => [attributes, events]), [[
    { "tidings.connections": 0 },
    [],
  ]]);
});

Deno.test("DeliverySpans records nothing of what has no span, and offers everything", () => {
  using time = new FakeTime();
  const { deliveries, feed, spans, offered } = setUp(), entry = entryAt(1);
  feed.offer(entry);
  deliveries.sent([entry]);
  time.tick(20_000);
  assertEquals([spans, offered], [[], [entry.position]]);
});

Deno.test("DeliverySpans has at most 4,096 deliveries on their way, and records them when it is closed", () => {
  using _time = new FakeTime();
  const { deliveries, feed, spans, offered } = setUp();
  for (let sequence = 0; sequence < 5_000; sequence++) feed.offer(entryAt(sequence, SPAN));
  deliveries.close();
  assertEquals([offered.length, spans.length], [5_000, 4_096]);
});
