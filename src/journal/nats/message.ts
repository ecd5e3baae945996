/** A notification as a message in NATS: what is stored has no position yet, for that is where it is stored. */

import { Buffer } from "node:buffer";
import { headers, type MsgHdrs } from "@nats-io/nats-core";
import { tokenOf } from "../../nats/subjects.ts";
import { entryOf, parseAcceptedAt, parseEntryId } from "../entry.ts";
import type { Draft, Entry } from "../journal.ts";
import { type Position, positionOf } from "../../wire/position.ts";

/** What is published, and where. */
export interface OutgoingMessage {
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly headers: MsgHdrs;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** What came, from the stream or from a subscription. */
export interface IncomingMessage {
  readonly target: string | null;
  /** Of the subject. */
  readonly lastToken: string;
  /** Its place in the stream. */
  readonly sequence: number;
  readonly header: Pick<MsgHdrs, "get" | "has">;
  readonly data: Uint8Array;
}

/** The last token of notifications without a topic, and of those of them that are not kept: no topic has a tilde. */
export const PLAIN = "~";
const LIVE_ONLY = "~now";

const EXPIRES = "Tidings-Expires"; // milliseconds since 1970; only if that is because of its own ttl
const AT_ONCE = "-Infinity"; // whatever the clock of the node says that reads it
const ROLLUP = "Nats-Rollup";

const NO_POSITION: Position = positionOf("0".repeat(8), 0); // as long as any

/** The subject on which the notifications of a target (null: everyone) are stored, all, or those of a topic. */
export function incoming(stream: string, target: string | null, lastToken: string): string {
  const place = target === null ? "e" : `t.${tokenOf(target)}`;
  return `${stream}.in.${place}.${lastToken}`;
}

export function outgoingMessage(
  draft: Draft,
  { stream, acceptedAt, retentionSeconds }: { stream: string; acceptedAt: number; retentionSeconds: number },
): OutgoingMessage {
  const entry = entryOf(draft, { sequence: 0, position: NO_POSITION, acceptedAt, retentionSeconds });
  const header = headers();
  if (entry.hasOwnTtl) header.set(EXPIRES, draft.ttl === 0 ? AT_ONCE : `${entry.expiresAt}`);
  const lastToken = draft.topic ?? (draft.ttl === 0 ? LIVE_ONLY : PLAIN);
  if (lastToken !== PLAIN) header.set(ROLLUP, "sub");
  return {
    subject: incoming(stream, draft.target, lastToken),
    payload: Buffer.from(entry.text),
    headers: header,
    expiresAt: entry.expiresAt,
  };
}

/** The notification in its place. */
export function parseEntry(
  { target, lastToken, sequence, header, data }: IncomingMessage,
  { epoch, retentionSeconds }: { epoch: string; retentionSeconds: number },
): Entry & { readonly sequence: number } {
  const position = positionOf(epoch, sequence);
  const text = placedAt(position, Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString());
  const hasOwnTtl = header.has(EXPIRES);
  return {
    id: parseEntryId(text),
    sequence,
    position,
    target,
    topic: lastToken.startsWith(PLAIN) ? null : lastToken,
    expiresAt: hasOwnTtl ? Number(header.get(EXPIRES)) : parseAcceptedAt(text) + 1000 * retentionSeconds,
    hasOwnTtl,
    text,
    bytes: data.length,
  };
}

function placedAt(position: Position, text: string): string {
  const at = text.indexOf('","position":"') + 14; // not in the id: JSON escapes its quotes
  return text.slice(0, at) + position + text.slice(at + position.length);
}
