/** Recognises messages of the journal that are not what a node has stored. */

import type { MsgHdrs } from "@nats-io/nats-core";
import { isUtf8 } from "node:buffer";
import { z } from "zod";
import { hasValidChecksum } from "../../nats/checksum.ts";
import { Id } from "../../wire/names.ts";
import { Topic, Urgency } from "../../wire/protocol.ts";

/** What may follow the data. */
const Optional = z.looseObject({
  type: z.literal("notification"),
  id: Id,
  at: z.iso.datetime(),
  topic: Topic.exactOptional(),
  urgency: Urgency.exactOptional(),
  push: z.literal(true).exactOptional(),
  traceparent: z.string().exactOptional(),
  tracestate: z.string().exactOptional(),
});
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
    return Optional.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}
