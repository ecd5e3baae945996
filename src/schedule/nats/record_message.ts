/** The message of a record in the stream: its state is in a header, so that it can be read without the content. */

import { Buffer } from "node:buffer";
import { headers, type MsgHdrs } from "@nats-io/nats-core";
import { isTime } from "../../wire/time.ts";
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
const STATES: readonly RecordHead["state"][] = ["waiting", "taken", "done", "cancelled"];
const MAX_BYTES = 64 * 1024 * 1024; // NATS takes no larger message

/** Undefined if the message is not of this version: a length that is no number would spoil the sum of all of them. */
export function parseMessage(
  { subject, seq: sequence, header }: { subject: string; seq: number; header: MsgHdrs | undefined },
): RecordMessage | undefined {
  try {
    const { state, digest, addedAt, dueAt, bytes }: RecordHead = JSON.parse(header?.get(HEADER) ?? "");
    const isKnownHead = STATES.includes(state) && typeof digest === "string" && isTime(addedAt) &&
      isTime(dueAt) && Number.isInteger(bytes) && bytes >= 0 && bytes <= MAX_BYTES;
    return isKnownHead
      ? { state, digest, addedAt, dueAt, bytes, key: keyOfSubject(subject), sequence }
      : undefined;
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
