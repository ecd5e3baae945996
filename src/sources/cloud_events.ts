/** Parses CloudEvents into drafts: the subject is the target, and source and id together are the id. */

import { createHash } from "node:crypto";
import { type CloudEvent, parseCloudEvent, parseCloudEvents } from "../wire/cloud_event.ts";
import { type Notify, parseJson, parseNotifications } from "../wire/protocol.ts";
import { type Key, MAX_STRUCTURE, type ParsedRequest, toDrafts } from "./drafts.ts";
import { rawDataOf } from "./raw_data.ts";

const MAX_ID = 128; // UTF-16 units

/**
 * Parses an event in JSON (structured mode).
 *
 * @throws {Problem} `not-json`, `does-not-fit`, `too-large` or `bad-request`; the request is then refused as a whole
 */
export function parseStructuredEvent(json: string, key: Key | null): ParsedRequest {
  const data = rawDataOf(json, MAX_STRUCTURE);
  return draftsOf([parseCloudEvent(parseJson(json))], { data, key, isArray: false });
}

/** Parses a batch of events in JSON, which can be empty. Throws the same as {@linkcode parseStructuredEvent}. */
export function parseEventBatch(json: string, key: Key | null): ParsedRequest {
  const data = rawDataOf(json, MAX_STRUCTURE);
  return draftsOf(parseCloudEvents(parseJson(json)), { data, key, isArray: true });
}

/**
 * Parses an event whose attributes are not in its body (binary mode). Without a body, its data is null. Throws the same
 * as {@linkcode parseStructuredEvent}.
 */
export function parseBinaryEvent(
  attributes: Readonly<Record<string, string>>,
  { body, key }: { readonly body: string; readonly key: Key | null },
): ParsedRequest {
  const text = body === "" ? "null" : body;
  const data = rawDataOf(`{"data":${text}}`, MAX_STRUCTURE);
  const event = parseCloudEvent({ ...attributes, data: parseJson(text) });
  return draftsOf([event], { data, key, isArray: false });
}

/**
 * Joins source and id to an id. A source has no spaces, so two events have the same only if both parts are the same.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(eventId({ source: "/orders", id: "17" }), "/orders 17");
 * assertEquals(eventId({ source: "/orders", id: "7".repeat(128) }).slice(0, 12), "sha256:16fbe");
 * ```
 *
 * @param max the length in UTF-16 units from which on the result is a hash
 */
export function eventId(
  { source, id }: { readonly source: string; readonly id: string },
  max: number = MAX_ID,
): string {
  const joined = `${source} ${id}`;
  return joined.length <= max ? joined : `sha256:${createHash("sha256").update(joined).digest("hex")}`;
}

function draftsOf(
  events: readonly CloudEvent[],
  { data, key, isArray }: { data: readonly string[]; key: Key | null; isArray: boolean },
): ParsedRequest {
  const candidates = events.map(candidateOf);
  const notifications = events.length === 0 ? [] : parseNotifications(isArray ? candidates : candidates[0]);
  const texts = events.map((event, index) => "data" in event ? data[index] ?? "null" : "null");
  return toDrafts({ notifications, data: texts, isArray }, key);
}

/** What is left to check is how its members go together, such as `push` and `ttl`. */
function candidateOf(event: CloudEvent): Notify {
  const { subject, everyone, data = null, ttl, topic, urgency, at, push, traceparent, tracestate } = event;
  return {
    ...(everyone === true ? { everyone } : { target: subject }),
    ...{ data, id: eventId(event), ttl, topic, urgency, at },
    ...(push === true && { push }),
    ...{ traceparent, tracestate },
  };
}
