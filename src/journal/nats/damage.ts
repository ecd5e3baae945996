/** Recognises messages that are not what a node has stored, such as those of other programs, and reports each once. */

import type { MsgHdrs } from "@nats-io/nats-core";
import { isUtf8 } from "node:buffer";
import { crc32 } from "node:zlib";

const HEADER = "Tidings-Checksum";
const MAX_KNOWN = 1_024;
const decoder = new TextDecoder();
/** The beginning of every entry's text. */
const BEGINNING =
  /^\{"type":"notification","id":"(?:[^"\\]|\\.)+","position":"[^"]*","at":"\d{4}-[^"]{18}Z","data":/;

/** NATS stores the checksum with the message, and sends it along. */
export function setChecksum(header: MsgHdrs, payload: Uint8Array): void {
  header.set(HEADER, checksumOf(payload));
}

/** False if the payload is not the text of an entry. Earlier versions have stored messages without a checksum. */
export function isSound({ header, data }: { header: Pick<MsgHdrs, "get">; data: Uint8Array }): boolean {
  const checksum = header.get(HEADER);
  if (checksum !== "") return checksum === checksumOf(data);
  return isUtf8(data) && isEntryText(decoder.decode(data));
}

/** A damaged message is read again by each connection that returns from before it, and is reported once. */
export class Damage {
  readonly #report: (sequence: number) => void;
  readonly #known = new Set<number>();

  constructor(report: (sequence: number) => void) {
    this.#report = report;
  }

  /** Call this with the number of each damaged message that is read or received. */
  note(sequence: number): void {
    if (this.#known.has(sequence)) return;
    this.#known.add(sequence);
    const [oldest = 0] = this.#known;
    if (this.#known.size > MAX_KNOWN) this.#known.delete(oldest);
    this.#report(sequence);
  }
}

function checksumOf(payload: Uint8Array): string {
  return crc32(payload).toString(36); // takes 0.2 µs for 300 bytes, and 5 µs for 64 KiB
}

function isEntryText(text: string): boolean {
  if (!BEGINNING.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
