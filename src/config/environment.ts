/** The environment variables: the values that each accepts, its default, and its description. */

import { z } from "zod";
import { PublisherKey, TokenSecret, WebhookSecret } from "./secrets.ts";
import { JournalUrl, KeySetUrl, Origin, OutboxTableUrl, PushOrigin, QueueUrl, WebhookUrl } from "./urls.ts";
import { VapidPrivateKey, VapidSubject } from "./vapid.ts";

const MEBIBYTE = 1024 * 1024;

/**
 * The default and the description of a variable are the cells of its row in `deploy/README.md`. Error messages never
 * contain the value, because it may be a secret.
 */
export const Environment = z.object({
  HOST: z.string().prefault("127.0.0.1").describe("Address to listen on"),
  PORT: wholeNumber(0, 65_535).prefault("8000").describe("Port to listen on; `0` picks a free port"),
  TIDINGS_PUBLISHER_KEYS: listOf(PublisherKey).optional()
    .describe("Keys that may publish: a list, each either the key or `sha256:HEX`, its hash"),
  TIDINGS_TOKEN_SECRET: TokenSecret.optional()
    .describe("Secret that signs subscribers' tokens (HS256); at least 32 bytes"),
  TIDINGS_TOKEN_JWKS_URL: KeySetUrl.optional()
    .describe("URL of the key set (JWKS) that verifies subscribers' tokens"),
  TIDINGS_TOKEN_ISSUER: z.string().optional()
    .describe("Required `iss` of subscribers' tokens; not set: any"),
  TIDINGS_TOKEN_AUDIENCE: z.string().optional()
    .describe("Required `aud` of subscribers' tokens; not set: any"),
  TIDINGS_ALLOWED_ORIGINS: listOf(Origin).optional().describe(
    "Origins of pages that may connect: a list, `https://*.example.com` for subdomains; not set: the same host",
  ),
  TIDINGS_JOURNAL: JournalUrl.prefault("sqlite:data/tidings.db")
    .describe("Where notifications are stored: `memory:`, `sqlite:PATH` or `nats://HOST:PORT`"),
  TIDINGS_QUEUE: QueueUrl.optional()
    .describe("Queue that backends can publish through: `nats://HOST:PORT/?stream=NAME`"),
  TIDINGS_OUTBOX: OutboxTableUrl.optional()
    .describe("Database with an outbox table: `postgres://USER:PASSWORD@HOST:PORT/DATABASE`"),
  TIDINGS_RETENTION_SECONDS: wholeNumber(0, 31_536_000).prefault("3600")
    .describe("How long notifications are kept, in seconds; `0` keeps none"),
  TIDINGS_RETENTION_PER_TARGET: wholeNumber(1, 1_000_000).prefault("1000")
    .describe("Maximum number of notifications kept per target"),
  TIDINGS_RETENTION_BYTES: wholeNumber(MEBIBYTE, 2 ** 40).prefault(`${256 * MEBIBYTE}`)
    .describe(
      "Maximum bytes of all kept notifications; half as much again for scheduled ones and push subscriptions",
    ),
  TIDINGS_OUTBOX_BYTES: wholeNumber(1, 2 ** 30).prefault(`${MEBIBYTE}`)
    .describe("Bytes that may wait for a connection before it falls behind and reads the journal"),
  TIDINGS_MAX_CONNECTIONS: wholeNumber(1, 10_000_000).prefault("50000")
    .describe("Maximum number of connections of this node"),
  TIDINGS_MAX_CONNECTIONS_PER_TARGET: wholeNumber(1, 10_000_000).prefault("1000")
    .describe("Maximum number of connections per target"),
  TIDINGS_MAX_MEMORY_BYTES: wholeNumber(MEBIBYTE, 2 ** 40).optional().describe(
    "Memory that the process may use, in bytes; not set: the limit of the container, if it has one",
  ),
  TIDINGS_DRAIN_SECONDS: wholeNumber(1, 3_600).prefault("8")
    .describe("Maximum time that a stop takes, in seconds"),
  TIDINGS_MESSAGE_WEBHOOK_URL: WebhookUrl.optional()
    .describe("URL that receives the messages from browsers; not set: they are logged"),
  TIDINGS_MESSAGE_WEBHOOK_SECRET: WebhookSecret.optional()
    .describe("Secret that signs requests to that URL: `whsec_` and 24 to 64 bytes in base64"),
  TIDINGS_VAPID_PRIVATE_KEY: VapidPrivateKey.optional()
    .describe(
      "Private key for Web Push, from `deno task vapid`; not set: none, or a new one in development mode",
    ),
  TIDINGS_VAPID_SUBJECT: VapidSubject.optional()
    .describe("Contact for the operators of push services: `mailto:ADDRESS` or an https URL"),
  TIDINGS_PUSH_ORIGINS: listOf(PushOrigin).optional()
    .describe("Push services besides those of Chrome, Firefox, Safari and Edge: a list of https origins"),
  TIDINGS_DEMO: oneOf(["on", "off"], "expected on or off").optional()
    .describe("Demo page at `/`: `on` or `off`; not set: on in development mode"),
  TIDINGS_LOG_LEVEL: oneOf(["debug", "info", "warning", "error"], "expected debug, info, warning or error", {
    warn: "warning",
  }).prefault("info").describe("Minimum level of log records: `debug`, `info`, `warning` or `error`"),
});
export type Environment = z.infer<typeof Environment>;

/** One of the words, in upper or lower case, or a synonym of one. */
function oneOf<const T extends string>(
  words: readonly T[],
  expected: string,
  synonyms: Readonly<Record<string, T>> = {},
): z.ZodType<T, string> {
  return z.string().transform((text) => synonyms[text.toLowerCase()] ?? text.toLowerCase())
    .pipe(z.enum(words, expected));
}

function wholeNumber(min: number, max: number): z.ZodType<number, string> {
  const expected = `expected a whole number from ${min} to ${max}`;
  return z.string().regex(/^\d{1,15}$/, expected).transform(Number)
    .refine((number) => number >= min && number <= max, expected);
}

/** At least one item, separated by commas. */
function listOf<T>(item: z.ZodType<T, string>): z.ZodType<T[], string> {
  return z.string().transform((text) => text.split(",").map((one) => one.trim())).pipe(z.array(item));
}
