/** Reads the next message on some subjects from the leader of a stream. */

import type { StoredMsg } from "@nats-io/jetstream";
import type { NatsLink } from "./link.ts";

export interface NextMessageQuery {
  readonly stream: string;
  /** The subject, which may have wildcards. */
  readonly subject: string;
  /** The lowest sequence number that the message may have. */
  readonly from: number;
}

/** Null if there is no such message. The leader answers, so the answer is never stale. */
export async function nextMessage(
  { manager }: NatsLink,
  { stream, subject, from }: NextMessageQuery,
): Promise<StoredMsg | null> {
  const query = { seq: from, next_by_subj: subject }; // the library's type lacks next_by_subj
  return await manager.streams.getMessage(stream, query);
}
