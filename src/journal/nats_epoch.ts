/** The epoch of a stream: what tells it from another one that had its name. */

import type { StreamInfo } from "@nats-io/jetstream";
import { newEpoch } from "./position.ts";

const NOTED = /\bepoch ([0-9a-z]{8})\b/;

/** For a stream that is to be made. */
export function descriptionOfNew(): string {
  return `Tidings, epoch ${newEpoch()}`;
}

/**
 * As its description says. Its date is not as good: if several ask for it at once, each server may have another, and
 * the one that leads tells its own. A stream whose description says nothing has no better.
 */
export function epochOf({ config: { description = "" }, created }: EpochParts): string {
  return NOTED.exec(description)?.[1] ?? Date.parse(created).toString(36).padStart(8, "0");
}

type EpochParts = Pick<StreamInfo, "created"> & {
  readonly config: Pick<StreamInfo["config"], "description">;
};
