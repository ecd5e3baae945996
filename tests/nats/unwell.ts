/** Links to servers that are not well, as to the consumers that are made there. */

import type { ConsumerInfo } from "@nats-io/jetstream";
import type { NatsLink } from "../../src/nats/link.ts";

/** From now on: a consumer that is to start after the last message of its server starts with what comes next there. */
export function lagsBehind({ manager }: NatsLink, last: number): void {
  const add = manager.consumers.add.bind(manager.consumers);
  manager.consumers.add = (stream, config) =>
    add(stream, { ...config, opt_start_seq: Math.min(config.opt_start_seq ?? 0, last + 1) });
}

/** From now on: consumers are made where nobody answers. Counts them. */
export function answersNothing({ manager }: NatsLink): { asked: number } {
  const count = { asked: 0 };
  manager.consumers.add = () => {
    count.asked++;
    return new Promise<ConsumerInfo>(() => {});
  };
  return count;
}

/** From now on: the server of a consumer ends before it has sent more than one message. */
export function endsSoon({ jetstream: { consumers } }: NatsLink): void {
  const made = consumers.getConsumerFromInfo.bind(consumers);
  consumers.getConsumerFromInfo = (info) => {
    const consumer = made(info);
    const fetch = consumer.fetch.bind(consumer);
    let count = 0;
    consumer.fetch = (options) =>
      count++ === 0 ? fetch(options) : Promise.reject(new Error("heartbeats missed"));
    return consumer;
  };
}
