/** A link to a server that has not got all of a stream yet. */

import type { NatsLink } from "../../src/nats/link.ts";

/** From now on: a consumer that is to start after its last message starts with the one that comes next there. */
export function lagsBehind({ manager }: NatsLink, last: number): void {
  const add = manager.consumers.add.bind(manager.consumers);
  manager.consumers.add = (stream, config) =>
    add(stream, { ...config, opt_start_seq: Math.min(config.opt_start_seq ?? 0, last + 1) });
}
