/** The next message on some subjects, as the leader of the stream has it: that one has the last word. */

import type { StoredMsg } from "@nats-io/jetstream";
import type { NatsLink } from "./link.ts";

/** Which, and the first sequence number that it may have. */
export interface NextOn {
  readonly stream: string;
  readonly subject: string;
  readonly from: number;
}

/** Null: there is none. */
export async function nextMessage(
  { manager }: NatsLink,
  { stream, subject, from }: NextOn,
): Promise<StoredMsg | null> {
  const query = { seq: from, next_by_subj: subject }; // the library's type knows only the first
  return await manager.streams.getMessage(stream, query);
}
