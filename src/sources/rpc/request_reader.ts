/** Reads requests in the encoding of protocol buffers as the JSON text that every source publishes. */

import { checkedDataJson, withData } from "./data_text.ts";
import { doesNotFit } from "../../wire/problem.ts";
import { unexpectedField } from "./unexpected_field.ts";
import { readValue } from "./value_reader.ts";
import { WIRE, WireReader } from "./wire_reader.ts";

const TARGET = 1 << 3 | WIRE.bytes, TARGETS = 2 << 3 | WIRE.bytes, EVERYONE = 3 << 3 | WIRE.varint;
const DATA = 4 << 3 | WIRE.bytes, DATA_JSON = 5 << 3 | WIRE.bytes, ID = 6 << 3 | WIRE.bytes;
const TTL = 7 << 3 | WIRE.varint, TOPIC = 8 << 3 | WIRE.bytes, URGENCY = 9 << 3 | WIRE.bytes;
const AT = 10 << 3 | WIRE.bytes, PUSH = 11 << 3 | WIRE.bytes;
const SECONDS = 1 << 3 | WIRE.varint, NANOS = 2 << 3 | WIRE.varint;
const AFTER = 1 << 3 | WIRE.varint, TITLE = 2 << 3 | WIRE.bytes, BODY = 3 << 3 | WIRE.bytes;
const NAVIGATE = 4 << 3 | WIRE.bytes;
const NOTIFICATIONS = 1 << 3 | WIRE.bytes;

/**
 * Returns the JSON text of the one notification in a `NotifyRequest`.
 *
 * @throws {Problem} `bad-request`, `does-not-fit` or `too-large`. What the schema of `/v1/notify` refuses is left to it
 */
export function readNotifyRequest(bytes: Uint8Array): string {
  const reader = new WireReader(bytes);
  return readNotification(reader, reader.end);
}

/**
 * Returns the JSON text of the array in a `NotifyManyRequest`, or a `PublishRequest`, which is the same.
 *
 * @throws {Problem} like {@linkcode readNotifyRequest}
 */
export function readNotifyManyRequest(bytes: Uint8Array): string {
  const reader = new WireReader(bytes), texts: string[] = [];
  while (reader.hasMore(reader.end)) {
    const tag = reader.varint();
    if (tag !== NOTIFICATIONS) throw unexpectedField(tag, "");
    texts.push(readNotification(reader, reader.fieldEnd(reader.end)));
  }
  return `[${texts.join(",")}]`;
}

/** The fields of a notification besides its data, named as in JSON. */
type Fields = {
  target?: string;
  targets?: string[];
  everyone?: true;
  id?: string;
  ttl?: number;
  topic?: string;
  urgency?: string;
  at?: string;
  push?: PushFields;
};

interface PushFields {
  after?: number;
  title?: string;
  body?: string;
  navigate?: string;
}

function readNotification(reader: WireReader, end: number): string {
  const fields: Fields = {};
  let data: string | undefined;
  while (reader.hasMore(end)) {
    const tag = reader.varint();
    if (tag === DATA) data = readValue(reader, reader.fieldEnd(end));
    else if (tag === DATA_JSON) data = checkedDataJson(reader.text(end));
    else readField(tag, { reader, end, fields });
  }
  return withData(fields, data);
}

function readField(
  tag: number,
  { reader, end, fields }: { reader: WireReader; end: number; fields: Fields },
): void {
  switch (tag) {
    case TARGET:
      fields.target = reader.text(end);
      break;
    case TARGETS:
      (fields.targets ??= []).push(reader.text(end));
      break;
    case EVERYONE:
      if (reader.varint() !== 0) fields.everyone = true;
      break;
    case ID:
      fields.id = reader.text(end);
      break;
    case TTL:
      fields.ttl = reader.varint();
      break;
    case TOPIC:
      fields.topic = reader.text(end);
      break;
    case URGENCY:
      fields.urgency = reader.text(end);
      break;
    case AT:
      fields.at = readTime(reader, reader.fieldEnd(end));
      break;
    case PUSH:
      fields.push = readPush(reader, reader.fieldEnd(end));
      break;
    default:
      throw unexpectedField(tag, "");
  }
}

function readPush(reader: WireReader, end: number): PushFields {
  const push: PushFields = {};
  while (reader.hasMore(end)) {
    const tag = reader.varint();
    if (tag === AFTER) push.after = reader.varint();
    else if (tag === TITLE) push.title = reader.text(end);
    else if (tag === BODY) push.body = reader.text(end);
    else if (tag === NAVIGATE) push.navigate = reader.text(end);
    else throw unexpectedField(tag, "push");
  }
  return push;
}

/** Reads a `google.protobuf.Timestamp` as RFC 3339. A time before 1970 becomes 1970, which is in the past as well. */
function readTime(reader: WireReader, end: number): string {
  let seconds = 0, nanos = 0;
  while (reader.hasMore(end)) {
    const tag = reader.varint();
    if (tag === SECONDS) seconds = reader.varint();
    else if (tag === NANOS) nanos = reader.varint();
    else throw unexpectedField(tag, "at");
  }
  const isNegative = seconds >= 2 ** 63;
  const time = new Date(isNegative ? 0 : 1000 * seconds + nanos / 1e6);
  if (Number.isNaN(time.valueOf()) || nanos >= 1e9) {
    throw doesNotFit("at", "is no valid google.protobuf.Timestamp");
  }
  return time.toISOString();
}
