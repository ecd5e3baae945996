/** Recognises messages of the journal that are not what a node has stored. */

import type { MsgHdrs } from "@nats-io/nats-core";
import { isUtf8 } from "node:buffer";
import { hasValidChecksum } from "../../nats/checksum.ts";

const decoder = new TextDecoder();
/** The beginning of every entry's text. */
const BEGINNING =
  /^\{"type":"notification","id":"(?:[^"\\]|\\.)+","position":"[^"]*","at":"\d{4}-[^"]{18}Z","data":/;

/** False if the payload is not the text of an entry. Earlier versions have stored messages without a checksum. */
export function isSound(message: { header: Pick<MsgHdrs, "get">; data: Uint8Array }): boolean {
  const { data } = message;
  return hasValidChecksum(message) ?? (isUtf8(data) && isEntryText(decoder.decode(data)));
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
