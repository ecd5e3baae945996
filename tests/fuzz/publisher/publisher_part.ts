/** Fuzzes the publisher of the SDK with histories: a server that does anything, and a backend that publishes. */

import type { Part } from "../part.ts";
import { simulatedPart } from "../simulated_part.ts";
import { playPublisher } from "./play_publisher.ts";
import { publisherHistories, type PublisherHistory } from "./publisher_history.ts";

export const PUBLISHER: Part<PublisherHistory> = simulatedPart("publisher", {
  inputs: publisherHistories,
  play: playPublisher,
});
