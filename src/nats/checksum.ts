/** Checksums of messages: NATS stores one with each message, and sends it along. */

import type { MsgHdrs } from "@nats-io/nats-core";
import { crc32 } from "node:zlib";

const HEADER = "Tidings-Checksum";

export function setChecksum(header: MsgHdrs, payload: Uint8Array): void {
  header.set(HEADER, checksumOf(payload));
}

/** Whether the payload is what a node has stored. Undefined if the message has no checksum. */
export function hasValidChecksum(
  { header, data }: { header: Pick<MsgHdrs, "get"> | undefined; data: Uint8Array },
): boolean | undefined {
  const checksum = header?.get(HEADER) ?? "";
  return checksum === "" ? undefined : checksum === checksumOf(data);
}

function checksumOf(payload: Uint8Array): string {
  return crc32(payload).toString(36); // takes 0.2 µs for 300 bytes, and 5 µs for 64 KiB
}
