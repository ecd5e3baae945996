/** Parses what message services post: the message, with its attributes, in an envelope of JSON. */

import { Buffer, isUtf8 } from "node:buffer";
import { z } from "zod";
import { Problem } from "../wire/problem.ts";
import { parseAs, parseJson } from "../wire/protocol.ts";
import { eventId, parseBinaryEvent } from "./cloud_events.ts";
import { type Key, parseDrafts, type ParsedRequest } from "./drafts.ts";
import { eventParserOf } from "./event_parser.ts";

/** Leaves room for `.999`, the index of a notification in an array. */
const MAX_MESSAGE_ID = 124;
const CONTENT_TYPE = "content-type";

/** A request of a push subscription of Google Pub/Sub. */
const PubSubPush = z.looseObject({
  subscription: z.string(),
  message: z.looseObject({
    messageId: z.string(),
    data: z.base64().default(""),
    attributes: z.record(z.string(), z.string()).default({}),
  }),
});

/** A notification of Amazon SNS. */
const SnsNotification = z.looseObject({
  MessageId: z.string(),
  TopicArn: z.string(),
  Message: z.string(),
  MessageAttributes: z.record(z.string(), z.looseObject({ Value: z.string() })).default({}),
});

/** What a message service delivers: text, the attributes by their names in lower case, and an id. */
interface Message {
  readonly text: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** Names the message among all that the service delivers, also when it delivers it again. */
  readonly id: string;
}

/** True if the body of a request is Pub/Sub's envelope. A notification has none of its fields. */
export function isPubSubPush(body: unknown): boolean {
  return typeof body === "object" && body !== null && "subscription" in body && "message" in body;
}

/**
 * Parses what {@linkcode isPubSubPush} has found.
 *
 * @throws {Problem} `does-not-fit` if the envelope is not complete, and what the parser of its content throws
 */
export function parsePubSubPush(body: unknown, key: Key | null): ParsedRequest {
  const { subscription, message: { messageId, data, attributes } } = parseAs(PubSubPush, body);
  const id = eventId({ source: subscription, id: messageId }, MAX_MESSAGE_ID);
  return parseMessage({ text: decode(data), attributes: byName(Object.entries(attributes)), id }, key);
}

/** Parses a notification of SNS. Throws the same as {@linkcode parsePubSubPush}. */
export function parseSnsNotification(json: string, key: Key | null): ParsedRequest {
  const { MessageId, TopicArn, Message, MessageAttributes } = parseAs(SnsNotification, parseJson(json));
  const attributes = byName(
    Object.entries(MessageAttributes).map(([name, { Value }]) => [name, Value] as const),
  );
  return parseSnsMessage({ topic: TopicArn, id: MessageId, text: Message, attributes }, key);
}

/** Parses a message of SNS that has no envelope. Throws the same as {@linkcode parsePubSubPush}. */
export function parseSnsMessage(
  { topic, id, text, attributes = new Map() }: {
    readonly topic: string;
    readonly id: string;
    readonly text: string;
    readonly attributes?: ReadonlyMap<string, string>;
  },
  key: Key | null,
): ParsedRequest {
  return parseMessage({ text, attributes, id: eventId({ source: topic, id }, MAX_MESSAGE_ID) }, key);
}

/**
 * The attributes say what the text is: a CloudEvent, whose own attributes they may be, or else notifications. The id of
 * the message is that of a notification that has none, so that a message that is delivered again is a repeat.
 */
function parseMessage({ text, attributes, id }: Message, given: Key | null): ParsedRequest {
  const key = given ?? { fallback: id };
  const parseEvents = eventParserOf(attributes.get(CONTENT_TYPE) ?? "");
  if (parseEvents !== null) return parseEvents(text, key);
  return attributes.has("ce-specversion")
    ? parseBinaryEvent(eventAttributes(attributes), { body: text, key })
    : parseDrafts(text, key);
}

function eventAttributes(attributes: ReadonlyMap<string, string>): Readonly<Record<string, string>> {
  const own = [...attributes].filter(([name]) => name.startsWith("ce-")).map(([name, value]) =>
    [name.slice("ce-".length), value] as const
  );
  const type = attributes.get(CONTENT_TYPE);
  return Object.fromEntries(type === undefined ? own : [...own, ["datacontenttype", type]]);
}

function byName(attributes: readonly (readonly [string, string])[]): ReadonlyMap<string, string> {
  return new Map(attributes.map(([name, value]) => [name.toLowerCase(), value]));
}

function decode(base64: string): string {
  const bytes = Buffer.from(base64, "base64");
  if (isUtf8(bytes)) return bytes.toString();
  throw new Problem("bad-request", "the data of the message is not UTF-8");
}
