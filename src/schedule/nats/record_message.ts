/** The message of a record in the stream: its state is in a header, so that it can be read without the content. */

import { Buffer } from "node:buffer";
import { headers, type MsgHdrs } from "@nats-io/nats-core";
import { KNOWN_AFTER_DUE_MS, type RecordStatus, type ScheduledRecord } from "../schedule.ts";
import { keyOfSubject } from "./schedule_stream.ts";

/** What a message says about its record. The message of a record that was cancelled may stay for a while. */
export interface RecordHead extends Omit<ScheduledRecord, "key" | "content"> {
  readonly state: RecordStatus["state"] | "cancelled";
  /** The length of the content in bytes of UTF-8. */
  readonly bytes: number;
}

/** A message as it is stored. */
export type RecordMessage = RecordHead & Pick<ScheduledRecord, "key"> & { readonly sequence: number };

const HEADER = "Tidings-Record";

/** Undefined if the message is not of this version. */
export function parseMessage(
  { subject, seq: sequence, header }: { subject: string; seq: number; header: MsgHdrs | undefined },
): RecordMessage | undefined {
  try {
    const head: RecordHead = JSON.parse(header?.get(HEADER) ?? "");
    return Number.isFinite(head.dueAt) ? { ...head, key: keyOfSubject(subject), sequence } : undefined;
  } catch {
    return undefined;
  }
}

export function headersOf({ state, digest, addedAt, dueAt, bytes }: RecordHead): MsgHdrs {
  const header = headers();
  header.set(HEADER, JSON.stringify({ state, digest, addedAt, dueAt, bytes }));
  return header;
}

/** What the message of a new record says. */
export function newHead({ digest, addedAt, dueAt, content }: ScheduledRecord): RecordHead {
  return { state: "waiting", digest, addedAt, dueAt, bytes: Buffer.byteLength(content) };
}

/** False if the record counts as unknown, although its message is still in the stream. */
export function isKnown({ state, dueAt }: RecordHead, now: number): boolean {
  return state !== "cancelled" && (state !== "done" || dueAt + KNOWN_AFTER_DUE_MS > now);
}
