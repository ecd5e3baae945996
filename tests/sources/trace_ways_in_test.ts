/** The ways in by which a notification can have a trace context. */

import { assertEquals } from "@std/assert";
import { headers as natsHeaders } from "@nats-io/nats-core";
import { readAttributes } from "../../src/http/cloud_event_headers.ts";
import { parseBinaryEvent, parseEventBatch, parseStructuredEvent } from "../../src/sources/cloud_events.ts";
import { parseDrafts, type ParsedRequest } from "../../src/sources/drafts.ts";
import { traceOf } from "../../src/sources/queue/message.ts";
import { createTestApp, PUBLISHER_KEY } from "../http/test_app.ts";
import { bearer } from "../http/auth/signed_token.ts";
import type { Draft } from "../../src/journal/journal.ts";

const TRACE = {
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  tracestate: "vendor=1",
};
const EVENT = { specversion: "1.0", id: "17", source: "/orders", type: "shipped", subject: "alexander" };

function traces({ drafts }: Pick<ParsedRequest, "drafts">): unknown[] {
  return drafts.map(({ trace }) => trace);
}

/** Posts a request, and returns the trace contexts of its drafts. */
async function posted(path: string, { body, headers }: { body: string; headers: Record<string, string> }) {
  const accepted: Draft[] = [];
  const { app } = createTestApp({
    intake: {
      accept(drafts) {
        accepted.push(...drafts);
        return Promise.resolve(
          drafts.map(() => ({ outcome: "kept", position: "p-1", expiresAt: 0 } as const)),
        );
      },
    },
  });
  const init = { method: "POST", body, headers: { ...bearer(PUBLISHER_KEY), host: "a.example", ...headers } };
  const response = await app.request(`http://a.example${path}`, init);
  const text = await response.text();
  assertEquals(response.ok, true, text);
  return traces({ drafts: accepted });
}

Deno.test("A notification has the trace context of its fields", () => {
  const own = { ...TRACE, target: "alexander", data: 1 };
  assertEquals(traces(parseDrafts(JSON.stringify(own), null)), [TRACE]);
  const { tracestate: _, ...parentAlone } = own,
    many = [own, parentAlone, { target: "a", data: 1, tracestate: "v=1" }];
  assertEquals(traces(parseDrafts(JSON.stringify(many), null)), [
    TRACE,
    { traceparent: TRACE.traceparent },
    undefined,
  ]);
});

Deno.test("A notification has the trace context of a CloudEvent in any mode, which may be invalid", () => {
  const json = JSON.stringify({ ...EVENT, ...TRACE });
  assertEquals(traces(parseStructuredEvent(json, null)), [TRACE]);
  assertEquals(traces(parseEventBatch(`[${json}]`, null)), [TRACE]);
  const entries = Object.entries({ ...EVENT, ...TRACE }).map(([name, value]) =>
    [`ce-${name}`, value] as const
  );
  const attributes = readAttributes(new Headers(Object.fromEntries(entries)));
  assertEquals(traces(parseBinaryEvent(attributes, { body: "1", key: null })), [TRACE]);
  const faulty = JSON.stringify({ ...EVENT, traceparent: "none" });
  assertEquals(traces(parseStructuredEvent(faulty, null)), [undefined]);
});

Deno.test("A notification has the trace context of the headers of a request, an event, a line and a unary call", async () => {
  const notification = '{"target":"alexander","data":1}';
  const types = [
    ["/v1/notify", "application/json", notification],
    ["/v1/notify", "application/cloudevents+json", JSON.stringify(EVENT)],
    ["/v1/notify", "application/x-ndjson", `${notification}\n${notification}\n`],
    ["/tidings.v1.PublisherService/Notify", "application/json", notification],
  ] as const;
  for (const [path, type, body] of types) {
    const found = await posted(path, { body, headers: { ...TRACE, "content-type": type } });
    assertEquals(found, Array.from({ length: found.length }, () => TRACE), type);
    assertEquals(found.length, type === "application/x-ndjson" ? 2 : 1);
  }
});

Deno.test("A notification has the trace context of the headers of a queue message", () => {
  const headers = natsHeaders();
  for (const [name, value] of Object.entries(TRACE)) headers.set(name, value);
  assertEquals(traceOf({ headers }), TRACE);
  assertEquals([traceOf({ headers: natsHeaders() }), traceOf({ headers: undefined })], [
    undefined,
    undefined,
  ]);
});
