/** Makes the consumers of a link behave like those on a faulty server. */

import type { ConsumerInfo } from "@nats-io/jetstream";
import type { NatsLink } from "../../src/nats/link.ts";

/**
 * Simulates a server that has the stream only up to `last`: a consumer that should start later starts with the message
 * that such a server receives next.
 */
export function simulateLaggingServer({ manager }: NatsLink, last: number): void {
  const add = manager.consumers.add.bind(manager.consumers);
  manager.consumers.add = (stream, config) =>
    add(stream, { ...config, opt_start_seq: Math.min(config.opt_start_seq ?? 0, last + 1) });
}

/** Simulates servers that never answer when a consumer is created. Counts the requests. */
export function simulateSilentServers({ manager }: NatsLink): { requests: number } {
  const count = { requests: 0 };
  manager.consumers.add = () => {
    count.requests++;
    return new Promise<ConsumerInfo>(() => {});
  };
  return count;
}

/** Simulates a server that ends after its consumer has sent one message. */
export function simulateCrash({ jetstream: { consumers } }: NatsLink): void {
  const getConsumer = consumers.getConsumerFromInfo.bind(consumers);
  consumers.getConsumerFromInfo = (info) => {
    const consumer = getConsumer(info);
    const fetch = consumer.fetch.bind(consumer);
    let count = 0;
    consumer.fetch = (options) =>
      count++ === 0 ? fetch(options) : Promise.reject(new Error("heartbeats missed"));
    return consumer;
  };
}
