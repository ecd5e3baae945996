/** The payload of a push: the JSON that a browser shows by itself, or hands to the site's service worker. */

import { Buffer } from "node:buffer";
import type { Urgency } from "../journal/journal.ts";
import type { TraceContext } from "../wire/trace_context.ts";
import { cutText, jsonBytes } from "./cut_text.ts";
import type { PushRequest } from "./push_request.ts";
import { type PushTexts, textsOf, topicOf } from "./push_texts.ts";

/** What a device shows. */
export interface PushContent {
  /** Of the notification. */
  readonly id: string;
  readonly target: string;
  readonly topic: string | null;
  readonly urgency: Urgency | null;
  /** The publisher's JSON text. */
  readonly data: string;
  readonly request: PushRequest;
  /** In the journal; null: not known. */
  readonly position: string | null;
  /** Of the publisher. Missing: it sent none. */
  readonly trace?: TraceContext;
}

export interface PayloadOptions {
  /** Of the page that subscribed; null: not known. */
  readonly origin: string | null;
  /** At least {@linkcode MIN_PAYLOAD_BYTES}. */
  readonly maxBytes?: number;
}

/** What push services accept is 4,096 bytes (RFC 8030, section 7.2), and encryption adds 103 (RFC 8291, section 4). */
export const MAX_PAYLOAD_BYTES = 3993;

/** The id, the URL of the site and what is around them always have room. */
export const MIN_PAYLOAD_BYTES = 1024;

/**
 * Encodes a Declarative Push Message (Push API, section 3.3.1), which Safari 18.4 shows without a service worker. The
 * publisher's data is within it unchanged. A payload that would be larger than `maxBytes` is small instead.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const request = { after: 10, title: "Hello", body: null, navigate: "/inbox" };
 * const content = { id: "1", target: "alexander", topic: "chat", urgency: null, data: "[7]", request, position: null };
 * const payload = encodePayload(content, { origin: "https://example.com" });
 * assertEquals(JSON.parse(new TextDecoder().decode(payload)), {
 *   web_push: 8030,
 *   notification: {
 *     title: "Hello",
 *     navigate: "https://example.com/inbox",
 *     tag: "chat",
 *     data: { id: "1", target: "alexander", topic: "chat", data: [7] },
 *   },
 * });
 * ```
 *
 * @throws {SyntaxError} if the data is not JSON
 */
export function encodePayload(
  content: PushContent,
  { origin, maxBytes = MAX_PAYLOAD_BYTES }: PayloadOptions,
): Uint8Array<ArrayBuffer> {
  const texts = textsOf(content, origin);
  const lengths = content.data.length + texts.title.length + texts.body.length + texts.navigate.length;
  if (lengths <= maxBytes) { // else it would be encoded in vain: the data may have a megabyte
    const bytes = new TextEncoder().encode(encodeAll(content, texts));
    if (bytes.byteLength <= maxBytes) return bytes;
  }
  return encodeSmall(content, { texts, maxBytes });
}

/** Encodes title, body and id alone, and cuts what does not fit. */
export function encodeSmallPayload(
  content: PushContent,
  { origin, maxBytes = MAX_PAYLOAD_BYTES }: PayloadOptions,
): Uint8Array<ArrayBuffer> {
  return encodeSmall(content, { texts: textsOf(content, origin), maxBytes });
}

function encodeAll(content: PushContent, { title, body, navigate }: PushTexts): string {
  const { id, target, topic, urgency, position, data, trace } = content;
  const members = JSON.stringify({
    id,
    target,
    topic: topic ?? undefined,
    urgency: urgency ?? undefined,
    position: position ?? undefined,
    ...trace,
  });
  const ofNotification = `${members.slice(0, -1)},"data":${data}}`;
  return encodeMessage({ title, body, navigate, tag: topicOf(content) }, ofNotification);
}

function encodeSmall(
  content: PushContent,
  { texts, maxBytes }: { texts: PushTexts; maxBytes: number },
): Uint8Array<ArrayBuffer> {
  const { id } = content;
  const navigate = jsonBytes(texts.navigate) <= maxBytes / 4 ? texts.navigate : texts.site;
  const encode = (title: string, body: string) =>
    encodeMessage({ title, body, navigate, tag: topicOf(content) }, JSON.stringify({ id }));
  const room = maxBytes - Buffer.byteLength(encode("", "-")) + 1;
  const title = cutText(texts.title, texts.body === "" ? room : Math.floor(room / 2));
  return new TextEncoder().encode(encode(title, cutText(texts.body, room - jsonBytes(title))));
}

/** @param data JSON of the member `data`, which a page or a service worker can read */
function encodeMessage(shown: Omit<PushTexts, "site"> & { readonly tag: string }, data: string): string {
  const { title, body, navigate, tag } = shown;
  const members = JSON.stringify({ title, body: body === "" ? undefined : body, navigate, tag });
  return `{"web_push":8030,"notification":${members.slice(0, -1)},"data":${data}}}`;
}
