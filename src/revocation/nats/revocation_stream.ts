/** The stream of the revocations in NATS: one subject for each token or target, whose newest message counts. */

import { Buffer } from "node:buffer";
import { z } from "zod";
import { Time } from "../../wire/time.ts";
import type { NatsUrl } from "../../nats/nats_url.ts";
import { newestMessagesConfig } from "../../nats/newest_messages.ts";
import type { RequiredStreamConfig } from "../../nats/streams.ts";
import { encodeToken } from "../../nats/subjects.ts";
import { keyOf } from "../revocation_index.ts";
import type { Revocation, RevocationsOptions } from "../revocations.ts";

export type RevocationStreamOptions =
  & Pick<NatsUrl, "stream" | "replicas">
  & Pick<RevocationsOptions, "maxBytes">;

const Stored: z.ZodType<Revocation> = z.union([
  z.object({ jti: z.string(), keptUntil: Time }),
  z.object({ target: z.string(), issuedBefore: Time, keptUntil: Time }),
]);

/** The name of the stream. */
export function revocationStream(stream: string): string {
  return `${stream}-revoked`;
}

export function revocationSubject(stream: string, revocation: Revocation): string {
  return `${stream}.revoked.${encodeToken(keyOf(revocation))}`;
}

export function allRevocations(stream: string): string {
  return `${stream}.revoked.*`;
}

/** When the stream is full, it refuses further messages, because none may be forgotten. */
export function revocationStreamConfig(
  { stream, replicas, maxBytes }: RevocationStreamOptions,
): RequiredStreamConfig {
  const subjects = [allRevocations(stream)];
  return newestMessagesConfig({ name: revocationStream(stream), subjects, replicas, maxBytes });
}

export function encodeRevocation(revocation: Revocation): Uint8Array {
  return Buffer.from(JSON.stringify(revocation));
}

/** Undefined if no node of this version has stored it. */
export function parseRevocation(text: string): Revocation | undefined {
  try {
    return Stored.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
