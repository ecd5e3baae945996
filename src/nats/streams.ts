/** Creates the streams that Tidings needs, or checks that existing ones have the required configuration. */

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

/** The required part of a stream's configuration. Options that are left out may have any value. */
export type RequiredStreamConfig = Partial<StreamConfig> & Pick<StreamConfig, "name">;

const REQUEST_MS = 3_000;
const NAME_IN_USE = 10_058;
const SUBJECTS_IN_USE = 10_065;
const NOT_CREATED_YET = "0001-01-01T00:00:00Z"; // the date of a stream that the server is still creating

/** Thrown when an existing stream's configuration differs from what Tidings needs. */
export class StreamMismatchError extends Error {
  override readonly name = "StreamMismatchError";
}

/** A stream that exists. */
export interface EnsuredStream {
  readonly info: StreamInfo;
  /** True if it did not exist before. */
  readonly isNew: boolean;
}

/**
 * Resolves with the stream, which is created if it does not exist. Waits while the NATS servers are not ready.
 *
 * @param defaults options of a new stream that the operator may change later
 * @throws {StreamMismatchError} if the stream exists and lacks the required configuration
 */
export async function ensureStream(
  link: NatsLink,
  required: RequiredStreamConfig,
  defaults: Partial<StreamConfig> = {},
): Promise<EnsuredStream> {
  return await retryUntilReady(() => tryEnsureStream(link, required, defaults));
}

/** Does what `ensureStream` does, but rejects at once if the NATS servers are not ready. */
export async function tryEnsureStream(
  { connection }: NatsLink,
  required: RequiredStreamConfig,
  defaults: Partial<StreamConfig> = {},
): Promise<EnsuredStream> {
  const manager = await jetstreamManager(connection, { timeout: REQUEST_MS });
  const found = await find(manager, required.name);
  const info = found ?? await create(manager, { ...required, ...defaults });
  // While another node creates the stream, its name appears before its date, which positions depend on.
  if (info.created === NOT_CREATED_YET) throw new errors.TimeoutError();
  requireConfig(info, required);
  return { info, isNew: found === undefined };
}

/** @throws {StreamMismatchError} if the stream lacks the required configuration */
export function requireConfig({ config }: Pick<StreamInfo, "config">, required: RequiredStreamConfig): void {
  const mismatches = mismatchesOf(config, required);
  if (mismatches.length === 0) return;
  throw new StreamMismatchError(
    `the stream ${required.name} exists with another configuration: ${mismatches.join("; ")}`,
  );
}

async function find({ streams }: JetStreamManager, name: string): Promise<StreamInfo | undefined> {
  try {
    return await streams.info(name);
  } catch (error) {
    if (isApiError(error, STREAM_NOT_FOUND)) return undefined;
    throw error;
  }
}

/** If another node creates the stream first, its subjects are in use before its name is. */
async function create(manager: JetStreamManager, config: RequiredStreamConfig): Promise<StreamInfo> {
  try {
    return await manager.streams.add(config);
  } catch (error) {
    if (!isApiError(error, NAME_IN_USE) && !isApiError(error, SUBJECTS_IN_USE)) throw error;
    const existing = await find(manager, config.name);
    if (existing !== undefined) return existing;
    throw error;
  }
}

/** A sentence for each option whose value differs from the required one. */
export function mismatchesOf(config: object, required: object): string[] {
  const actual = new Map<string, unknown>(Object.entries(config));
  return Object.entries(required).flatMap(([name, value]) => {
    const is = format(name, actual.get(name)), mustBe = format(name, value);
    return is === mustBe ? [] : [`${name} is ${is} but must be ${mustBe}`];
  });
}

function format(name: string, value: unknown): string {
  const isDuration = name === "max_age" || name === "duplicate_window";
  return isDuration && typeof value === "number" ? `${value / 1e9} s` : JSON.stringify(value) ?? "missing";
}
