/** Stores a marker: a message without content, whose number and time say something about the stream. */

import { headers } from "@nats-io/nats-core";
import type { NatsLink } from "../../nats/link.ts";
import { publishOnce } from "./publish_once.ts";
import { setStamp, type StampedNumber } from "./stamp.ts";

export interface NewMarker {
  readonly stream: string;
  /** The last token of the subject. */
  readonly token: string;
  /** What a repeat is recognised by. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface StoredMarker {
  readonly marker: StampedNumber;
  /** True if the marker was stored before, maybe by another node and with another stamp. */
  readonly duplicate: boolean;
}

/** @param token `*`: all markers */
export function markerSubject(stream: string, token: string): string {
  return `${stream}.mark.${token}`;
}

export async function storeMarker(
  link: NatsLink,
  { stream, token, id, now }: NewMarker,
): Promise<StoredMarker> {
  const header = headers(), stamp = setStamp(header, now);
  const message = { subject: markerSubject(stream, token), payload: "", id: `mark.${id}`, headers: header };
  const { seq: sequence, duplicate } = await publishOnce(link, message);
  return { marker: { sequence, stamp }, duplicate };
}
