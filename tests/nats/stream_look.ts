/** Waits until a node has looked at its stream once more. */

import { eventually } from "../eventually.ts";
import type { NatsLink } from "../../src/nats/link.ts";

/** Resolves when the node with this link has looked at a stream, and has taken in what it found. */
export async function looked({ manager: { streams } }: NatsLink): Promise<void> {
  const info = streams.info.bind(streams);
  let count = 0;
  streams.info = (name, ...options) => {
    count++;
    return info(name, ...options);
  };
  await eventually(() => count >= 2, "a look at the stream"); // the second begins after the first has ended
  streams.info = info;
}
