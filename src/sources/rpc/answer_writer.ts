/** Writes what was published in the encoding of protocol buffers. */

import type { AcceptedForTarget, Published } from "../publish.ts";
import { WireWriter } from "./wire_writer.ts";

const ID = 1, POSITION = 2, EXPIRES = 3, TARGET = 4; // of NotifyResponse and AcceptedNotification alike
const NOTIFICATIONS_OF_ONE = 4, NOTIFICATIONS_OF_MANY = 1;
const SECONDS = 1, NANOS = 2;
const MAX_BYTES_OF_CHARACTER = 3;
const MAX_OTHER_BYTES = 48; // the tags, the lengths and the time of a notification

/** Returns a `NotifyResponse`, which must be copied before the next answer. */
export function notifyResponse({ answer }: Published): Uint8Array<ArrayBuffer> {
  if ("notifications" in answer) return listOf(answer.notifications, NOTIFICATIONS_OF_ONE);
  const writer = new WireWriter(maxBytesOf(answer));
  writeAccepted(writer, answer);
  return writer.bytes;
}

/** Returns a `NotifyManyResponse`, or a `PublishResponse`, which is the same. It must be copied before the next answer. */
export function notifyManyResponse(published: Published): Uint8Array<ArrayBuffer> {
  return listOf(published.accepted(), NOTIFICATIONS_OF_MANY);
}

function listOf(notifications: readonly AcceptedForTarget[], field: number): Uint8Array<ArrayBuffer> {
  const writer = new WireWriter(notifications.reduce((bytes, accepted) => bytes + maxBytesOf(accepted), 0));
  for (const accepted of notifications) {
    const start = writer.startMessage(field);
    writeAccepted(writer, accepted);
    writer.endMessage(start);
  }
  return writer.bytes;
}

/** Null in an answer of `/v1/notify` is a field that is absent. */
type Accepted = Omit<AcceptedForTarget, "target"> & Partial<Pick<AcceptedForTarget, "target">>;

function maxBytesOf({ target = null, id, position }: Accepted): number {
  const characters = id.length + (position?.length ?? 0) + (target?.length ?? 0);
  return MAX_BYTES_OF_CHARACTER * characters + MAX_OTHER_BYTES;
}

function writeAccepted(writer: WireWriter, { target = null, id, position, expires }: Accepted): void {
  writer.text(ID, id);
  if (position !== null) writer.text(POSITION, position);
  const start = writer.startMessage(EXPIRES), ms = Date.parse(expires);
  writer.number(SECONDS, Math.floor(ms / 1000));
  writer.number(NANOS, ms % 1000 * 1e6);
  writer.endMessage(start);
  if (target !== null) writer.text(TARGET, target);
}
