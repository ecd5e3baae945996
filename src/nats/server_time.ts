/** The time by the clock of NATS, which all nodes share. */

import { AckPolicy } from "@nats-io/jetstream";
import { nanos } from "@nats-io/nats-core";
import type { NatsLink } from "./link.ts";

const INACTIVE_MS = 5_000; // after which NATS removes a consumer that could not be deleted

/**
 * Resolves with milliseconds since 1970. NATS dates each consumer that it creates, and says its time nowhere else before
 * 2.10. Takes 3 ms.
 *
 * @param stream the name of a stream that exists
 */
export async function serverTime({ manager }: Pick<NatsLink, "manager">, stream: string): Promise<number> {
  const { name, created } = await manager.consumers.add(stream, {
    ack_policy: AckPolicy.None,
    inactive_threshold: nanos(INACTIVE_MS),
    mem_storage: true,
    num_replicas: 1,
  });
  await manager.consumers.delete(stream, name).catch(() => {});
  return Date.parse(created);
}
