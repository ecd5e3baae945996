/** The configuration of a stream that keeps the newest message of each subject, and forgets none of them. */

import { DiscardPolicy, RetentionPolicy, StorageType } from "@nats-io/jetstream";
import type { NatsUrl } from "./nats_url.ts";
import type { RequiredStreamConfig } from "./streams.ts";

export interface NewestMessagesOptions extends Pick<NatsUrl, "replicas"> {
  readonly name: string;
  readonly subjects: string[];
  /** The limit that the nodes keep to, in bytes. */
  readonly maxBytes: number;
}

/**
 * The stream has more room than the nodes use, because they know of each other's messages late, and NATS before 2.10 may
 * forget messages of a full stream (`StreamRoom`).
 */
const BYTES_FACTOR = 2;

/** When the stream is full, it refuses further messages. */
export function newestMessagesConfig(
  { name, subjects, replicas, maxBytes }: NewestMessagesOptions,
): RequiredStreamConfig {
  return {
    name,
    subjects,
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    max_bytes: Math.ceil(maxBytes * BYTES_FACTOR),
    max_msgs_per_subject: 1,
    num_replicas: replicas,
  };
}
