/** Converts drafts to NATS messages and back. A stored message has no position: its sequence number determines it. */

import { Buffer } from "node:buffer";
import { headers, type MsgHdrs } from "@nats-io/nats-core";
import { encodeToken } from "../../nats/subjects.ts";
import { createEntry } from "../entry.ts";
import { hasPush, parseAcceptedAt, parseEntryId } from "../entry_text.ts";
import type { Draft, Entry } from "../journal.ts";
import { type Position, positionOf } from "../../wire/position.ts";
import { isTime } from "../../wire/time.ts";
import { setChecksum } from "../../nats/checksum.ts";
import { isSound } from "./sound_entry.ts";
import { setStamp, stampedPosition, stampOf } from "./stamp.ts";

export interface OutgoingMessage {
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly headers: MsgHdrs;
  readonly stamp: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** A message that was read from the stream or received by a subscription. */
export interface IncomingMessage {
  /** Null is everyone. */
  readonly target: string | null;
  /** The last token of the subject: the topic, or a token with a tilde. */
  readonly lastToken: string;
  /** The message's number in the stream. */
  readonly sequence: number;
  readonly header: Pick<MsgHdrs, "get" | "has">;
  readonly data: Uint8Array;
}

/** An entry with its sequence number in the stream. */
export type StoredEntry = Entry & { readonly sequence: number };

/** A message that is not one that a node has stored. */
export interface DamagedMessage {
  readonly sequence: number;
  readonly text: null;
}

export type StoredMessage = StoredEntry | DamagedMessage;

/** What is known of the stream of a message. */
export interface ParseContext {
  readonly epoch: string;
  readonly retentionSeconds: number;
}

/** The last token of notifications without a topic. No topic contains a tilde. */
export const NO_TOPIC = "~";
/** The last token of notifications without a topic that only live connections receive. */
const LIVE_ONLY = "~now";

/** Milliseconds since 1970. Set only if the notification expires because of its own ttl. */
const EXPIRES = "Tidings-Expires";
const ALREADY_EXPIRED = "-Infinity"; // expired by the clock of any node that reads it
/** The header by which a message replaces all earlier ones of its subject. */
export const ROLLUP = "Nats-Rollup";
/** The span that appended the message. Nodes that record spans continue its trace. */
const SPAN = "traceparent";

/** Every text of a notification begins with it. */
const BEGINNING = '{"type":"notification","id":"';

/** What is stored for the position of a message. Nodes of version 0.1.0 expect this length. */
export const PLACEHOLDER: Position = positionOf("0".repeat(8), 0);

/** The subject that stores a target's (null: everyone's) entries with this last token. */
export function entrySubject(stream: string, target: string | null, lastToken: string): string {
  const recipient = target === null ? "e" : `t.${encodeToken(target)}`;
  return `${stream}.in.${recipient}.${lastToken}`;
}

/** The subjects that store everything of a target. */
export function targetSubjects(stream: string, target: string): string {
  return `${stream}.in.t.${encodeToken(target)}.*`;
}

export function outgoingMessage(
  draft: Draft,
  { stream, acceptedAt, now, retentionSeconds }: {
    stream: string;
    acceptedAt: number;
    now: number;
    retentionSeconds: number;
  },
): OutgoingMessage {
  const entry = createEntry(draft, { sequence: 0, position: PLACEHOLDER, acceptedAt, retentionSeconds });
  const header = headers();
  const stamp = setStamp(header, now);
  if (entry.hasOwnTtl) header.set(EXPIRES, draft.ttl === 0 ? ALREADY_EXPIRED : `${entry.expiresAt}`);
  const lastToken = draft.topic ?? (draft.ttl === 0 ? LIVE_ONLY : NO_TOPIC);
  if (lastToken !== NO_TOPIC) header.set(ROLLUP, "sub");
  if (draft.span !== undefined) header.set(SPAN, draft.span);
  const payload = Buffer.from(entry.text);
  setChecksum(header, payload);
  return {
    subject: entrySubject(stream, draft.target, lastToken),
    payload,
    headers: header,
    stamp,
    expiresAt: entry.expiresAt,
  };
}

/** The notification with its position filled in. Null if the message is not one that a node has stored. */
export function parseNotification(
  { target, lastToken, sequence, header, data }: IncomingMessage,
  { epoch, retentionSeconds }: ParseContext,
): StoredEntry | null {
  if (!isSound({ header, data })) return null;
  const position = stampedPosition(epoch, { sequence, stamp: stampOf(header) });
  const stored = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString();
  if (!stored.startsWith(BEGINNING)) return null; // another program may have stored a right checksum with it
  const text = withPosition(position, stored);
  if (text === null) return null;
  const hasOwnTtl = header.has(EXPIRES);
  const expiresAt = hasOwnTtl ? Number(header.get(EXPIRES)) : parseAcceptedAt(text) + 1000 * retentionSeconds;
  if (expiresAt !== -Infinity && !isTime(expiresAt)) return null;
  const entry = {
    id: parseEntryId(text),
    sequence,
    position,
    target,
    topic: lastToken.startsWith("~") ? null : lastToken,
    expiresAt,
    hasOwnTtl,
    hasPush: hasPush(text),
    text,
    bytes: data.length + text.length - stored.length, // a position is ASCII
  };
  return header.has(SPAN) ? { ...entry, span: header.get(SPAN) } : entry;
}

/**
 * Replaces the placeholder. The id cannot contain the text searched for, because JSON escapes its quotes. Returns null
 * without a placeholder.
 */
function withPosition(position: Position, text: string): string | null {
  const from = text.indexOf('","position":"') + 14;
  return from < BEGINNING.length
    ? null
    : text.slice(0, from) + position + text.slice(text.indexOf('"', from));
}
