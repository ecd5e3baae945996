/** Streams: makes one that is needed, or checks that the one that is there fits. */

import {
  type JetStreamManager,
  jetstreamManager,
  type StreamConfig,
  type StreamInfo,
} from "@nats-io/jetstream";
import { errors } from "@nats-io/nats-core";
import { isApiError, STREAM_NOT_FOUND } from "./api_error.ts";
import type { NatsLink } from "./link.ts";
import { retryUntilReady } from "./retry_until_ready.ts";

/** What is needed of a stream; what is not said may be as it likes. */
export type StreamNeeds = Partial<StreamConfig> & Pick<StreamConfig, "name">;

const ANSWER_MS = 3_000;
const NAME_IN_USE = 10_058;
const SUBJECTS_IN_USE = 10_065;
const UNDATED = "0001-01-01T00:00:00Z"; // as the server dates a stream that it is still making

/** Says of a stream that is there in what it is not what is needed. */
export class StreamMismatchError extends Error {
  override readonly name = "StreamMisfit";
}

/**
 * The stream, as it was needed. Rejects with a {@linkcode StreamMismatchError} if it is there and different.
 *
 * @param standard what it has besides if it is made now, and what may be changed later
 */
export async function ensureStream(
  link: NatsLink,
  needs: StreamNeeds,
  standard: Partial<StreamConfig> = {},
): Promise<StreamInfo> {
  return await retryUntilReady(() => ensured(link, needs, standard));
}

async function ensured(
  { connection }: NatsLink,
  needs: StreamNeeds,
  standard: Partial<StreamConfig>,
): Promise<StreamInfo> {
  const manager = await jetstreamManager(connection, { timeout: ANSWER_MS });
  const info = await found(manager, needs.name) ?? await made(manager, { ...needs, ...standard });
  // Another node has it made just now: the date, by which positions are known, comes a moment after the name.
  if (info.created === UNDATED) throw new errors.TimeoutError();
  const misfits = mismatchesOf(info.config, needs);
  if (misfits.length === 0) return info;
  throw new StreamMismatchError(
    `the stream ${needs.name} is there already, and does not fit: ${misfits.join("; ")}`,
  );
}

async function found({ streams }: JetStreamManager, name: string): Promise<StreamInfo | undefined> {
  try {
    return await streams.info(name);
  } catch (error) {
    if (isApiError(error, STREAM_NOT_FOUND)) return undefined;
    throw error;
  }
}

/** Another node may be faster; then that one's subjects are there before its name is. */
async function made(manager: JetStreamManager, needs: StreamNeeds): Promise<StreamInfo> {
  try {
    return await manager.streams.add(needs);
  } catch (error) {
    if (!isApiError(error, NAME_IN_USE) && !isApiError(error, SUBJECTS_IN_USE)) throw error;
    const other = await found(manager, needs.name);
    if (other !== undefined) return other;
    throw error;
  }
}

/** In what a configuration is not what is needed. */
export function mismatchesOf(config: object, needs: object): string[] {
  const there = new Map<string, unknown>(Object.entries(config));
  return Object.entries(needs).flatMap(([name, needed]) => {
    const is = said(name, there.get(name)), should = said(name, needed);
    return is === should ? [] : [`${name} is ${is}, and ${should} is needed`];
  });
}

function said(name: string, value: unknown): string {
  const isDuration = name === "max_age" || name === "duplicate_window";
  return isDuration && typeof value === "number" ? `${value / 1e9} s` : JSON.stringify(value) ?? "nothing";
}
