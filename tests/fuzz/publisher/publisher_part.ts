/** Fuzzes the publisher of the SDK with histories: a server that does anything, and a backend that publishes. */

import type { Bench, Part } from "../part.ts";
import { Tally } from "../tally.ts";
import { playPublisher } from "./play_publisher.ts";
import { publisherHistories, type PublisherHistory } from "./publisher_history.ts";

export const PUBLISHER: Part<PublisherHistory> = {
  name: "publisher",
  journals: ["memory"], // it needs none
  open: () => {
    const tally = new Tally();
    const bench: Bench<PublisherHistory> = {
      inputs: publisherHistories,
      tally,
      play: (history) => playPublisher(history, tally),
      finish: async () => {},
      [Symbol.asyncDispose]: async () => {},
    };
    return Promise.resolve(bench);
  },
};
