/** The environment variables: the values that each accepts, its default, and its description. */

import { z } from "zod";
import { ScopedKeys } from "./publisher_keys.ts";
import { AddressLimitList, KeyLimitList, RateLimitText } from "./rate_limits.ts";
import { fileVariable } from "./secret_files.ts";
import { PublisherKey, TokenSecret, WebhookSecret } from "./secrets.ts";
import { JournalUrl, KeySetUrl, Origin, OutboxTableUrl, PushOrigin, QueueUrl, WebhookUrl } from "./urls.ts";
import { TrustedProxy } from "./trusted_proxies.ts";
import { VapidPrivateKey, VapidSubject } from "./vapid.ts";

const MEBIBYTE = 1024 * 1024;

/**
 * The default and the description of a variable are the cells of its row in `deploy/README.md`. Error messages never
 * contain the value, because it may be a secret.
 */
export const Environment = z.object({
  HOST: z.string().prefault("127.0.0.1").describe("Address to listen on"),
  PORT: wholeNumber(0, 65_535).prefault("8000").describe("Port to listen on; `0` picks a free port"),
  TIDINGS_ADMIN_PORT: wholeNumber(0, 65_535).optional()
    .describe("Port for `/metrics` and `/console`, which `PORT` then does not serve; not set: `PORT`"),
  TIDINGS_ADMIN_HOST: z.string().optional().describe("Address of that port; not set: `HOST`"),
  TIDINGS_PUBLISHER_KEYS: secret(
    listOf(PublisherKey).optional()
      .describe("Keys that may do everything: a list, each either the key or `sha256:HEX`, its hash"),
  ),
  TIDINGS_SCOPED_KEYS: secret(
    textList().pipe(ScopedKeys).optional().describe(
      "Keys with a name and scopes: a list of `NAME:SCOPE[+SCOPE]:KEY`, of `publish`, `tokens`, `read` and `admin`",
    ),
  ),
  TIDINGS_TOKEN_SECRET: secret(
    TokenSecret.optional()
      .describe("Secret that signs subscribers' tokens (HS256); at least 32 bytes"),
  ),
  TIDINGS_TOKEN_SECRETS_OLD: secret(
    linesOf(TokenSecret).optional()
      .describe("Earlier secrets, one a line: tokens that they signed are still valid"),
  ),
  TIDINGS_TOKEN_JWKS_URL: KeySetUrl.optional()
    .describe("URL of the key set (JWKS) that verifies subscribers' tokens"),
  TIDINGS_TOKEN_ISSUER: z.string().optional()
    .describe("Required `iss` of subscribers' tokens; not set: any"),
  TIDINGS_TOKEN_AUDIENCE: z.string().optional()
    .describe("Required `aud` of subscribers' tokens; not set: any"),
  TIDINGS_MAX_TOKEN_SECONDS: wholeNumber(1, 3_155_760_000).prefault("2592000")
    .describe("How long a token is valid after its `iat`, whatever its `exp`; revocations are kept as long"),
  TIDINGS_ALLOWED_ORIGINS: listOf(Origin).optional().describe(
    "Origins of pages that may connect: a list, `https://*.example.com` for subdomains; not set: the same host",
  ),
  TIDINGS_JOURNAL: secret(
    JournalUrl.prefault("sqlite:data/tidings.db")
      .describe("Where notifications are stored: `memory:`, `sqlite:PATH` or `nats://HOST:PORT`"),
  ),
  TIDINGS_QUEUE: secret(
    QueueUrl.optional()
      .describe("Queue that backends can publish through: `nats://HOST:PORT/?stream=NAME`"),
  ),
  TIDINGS_OUTBOX: secret(
    OutboxTableUrl.optional()
      .describe("Database with an outbox table: `postgres://USER:PASSWORD@HOST:PORT/DATABASE`"),
  ),
  TIDINGS_RETENTION_SECONDS: wholeNumber(0, 31_536_000).prefault("3600")
    .describe("How long notifications are kept, in seconds; `0` keeps none"),
  TIDINGS_RETENTION_PER_TARGET: wholeNumber(1, 1_000_000).prefault("1000")
    .describe("Maximum number of notifications kept per target"),
  TIDINGS_RETENTION_BYTES: wholeNumber(MEBIBYTE, 2 ** 40).prefault(`${256 * MEBIBYTE}`)
    .describe(
      "Maximum bytes of all kept notifications; nearly as much again for scheduled ones, pushes and presence",
    ),
  TIDINGS_OUTBOX_BYTES: wholeNumber(1, 2 ** 30).prefault(`${MEBIBYTE}`)
    .describe("Bytes that may wait for a connection before it falls behind and reads the journal"),
  TIDINGS_WORKERS: workers().prefault("1")
    .describe("Threads that serve connections, 1 to 30, or `auto`: one for each core"),
  TIDINGS_MAX_CONNECTIONS: wholeNumber(1, 10_000_000).prefault("50000")
    .describe("Maximum number of connections of this node"),
  TIDINGS_MAX_CONNECTIONS_PER_TARGET: wholeNumber(1, 10_000_000).prefault("1000")
    .describe("Maximum number of connections per target"),
  TIDINGS_KEY_LIMITS: textList().pipe(KeyLimitList).optional().describe(
    "Limits of each publisher key: a list of `[NAME/]requests=RATE[:BURST]` and `[NAME/]notifications=RATE[:BURST]`",
  ),
  TIDINGS_ADDRESS_LIMITS: textList().pipe(AddressLimitList).optional().describe(
    "Limits of each address: a list of `requests=RATE[:BURST]` and `attempts=RATE[:BURST]`; `attempts` is `10:50` unless listed",
  ),
  TIDINGS_CONNECTION_LIMIT: RateLimitText.optional()
    .describe("Limit of new connections of subscribers to this node: `RATE[:BURST]`; not set: none"),
  TIDINGS_TRUSTED_PROXIES: listOf(TrustedProxy).optional().describe(
    "Proxies whose `X-Forwarded-For` or `Forwarded` names the client: a list of networks, like `10.0.0.0/8`",
  ),
  TIDINGS_MAX_MEMORY_BYTES: wholeNumber(MEBIBYTE, 2 ** 40).optional().describe(
    "Memory that the process may use, in bytes; not set: the limit of the container, if it has one",
  ),
  TIDINGS_DRAIN_SECONDS: wholeNumber(1, 3_600).prefault("8")
    .describe("Maximum time that a stop takes, in seconds"),
  TIDINGS_MESSAGE_WEBHOOK_URL: WebhookUrl.optional()
    .describe("URL that receives the messages from browsers; not set: they are logged"),
  TIDINGS_MESSAGE_WEBHOOK_SECRET: secret(
    WebhookSecret.optional()
      .describe("Secret that signs requests to that URL: `whsec_` and 24 to 64 bytes in base64"),
  ),
  TIDINGS_MESSAGE_WEBHOOK_SECRETS_OLD: secret(
    linesOf(WebhookSecret).optional()
      .describe("Earlier secrets, one a line: requests are signed with them too"),
  ),
  TIDINGS_PRESENCE_WEBHOOK_URL: WebhookUrl.optional()
    .describe("URL that receives when targets go online and offline; not set: nobody is told"),
  TIDINGS_PRESENCE_WEBHOOK_SECRET: secret(
    WebhookSecret.optional()
      .describe("Secret that signs requests to that URL, of the same form"),
  ),
  TIDINGS_PRESENCE_WEBHOOK_SECRETS_OLD: secret(
    linesOf(WebhookSecret).optional()
      .describe("Earlier secrets of that URL, one a line"),
  ),
  TIDINGS_LAST_SEEN_SECONDS: wholeNumber(0, 31_536_000).prefault("2592000")
    .describe("How long it is kept when a target was last seen, in seconds; `0` keeps nothing"),
  TIDINGS_VAPID_PRIVATE_KEY: secret(
    VapidPrivateKey.optional()
      .describe(
        "Private key for Web Push, from `deno task vapid`; not set: none, or a new one in development mode",
      ),
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
  TIDINGS_ACCESS_LOG: oneOf(["on", "off"], "expected on or off").prefault("off")
    .describe("A line for each request: `on` or `off`"),
});
export type Environment = z.infer<typeof Environment>;

/** The names of the variables that may come from files. */
export const SECRETS: readonly string[] = Object.entries(Environment.shape)
  .flatMap(([name, schema]) => schema.meta()?.isSecret === true ? [name] : []);

/** The names of all variables, also of those that have the path of a file. */
export const VARIABLES: readonly string[] = [...Object.keys(Environment.shape), ...SECRETS.map(fileVariable)];

/** One of the words, in upper or lower case, or a synonym of one. */
function oneOf<const T extends string>(
  words: readonly T[],
  expected: string,
  synonyms: Readonly<Record<string, T>> = {},
): z.ZodType<T, string> {
  return z.string().transform((text) => synonyms[text.toLowerCase()] ?? text.toLowerCase())
    .pipe(z.enum(words, expected));
}

function wholeNumber(
  min: number,
  max: number,
  expected = `expected a whole number from ${min} to ${max}`,
): z.ZodType<number, string> {
  return z.string().regex(/^\d{1,15}$/, expected).transform(Number)
    .refine((number) => number >= min && number <= max, expected);
}

/** The most is what fits into the bits of a number. */
function workers(): z.ZodType<number, string> {
  const most = 30, cores = String(Math.min(navigator.hardwareConcurrency, most));
  const number = wholeNumber(1, most, `expected auto or a whole number from 1 to ${most}`);
  return z.string().transform((text) => text === "auto" ? cores : text).pipe(number);
}

/** At least one item, separated by commas. */
function listOf<T>(item: z.ZodType<T, string>): z.ZodType<T[], string> {
  return textList().pipe(z.array(item));
}

/** In a file, a list may have an item a line. */
function textList(): z.ZodType<string[], string> {
  return z.string().transform((text) => text.split(/\s*(?:,|\n)\s*/));
}

/** Any number of items, one a line, because each may contain commas. */
function linesOf<T>(item: z.ZodType<T, string>): z.ZodType<T[], string> {
  return z.string().transform((text) =>
    text.split("\n").map((line) => line.trim()).filter((line) => line !== "")
  )
    .pipe(z.array(item));
}

/** Marks a variable whose value is a secret, or can contain one. It may also come from a file. */
function secret<T extends z.ZodType>(variable: T): T {
  return variable.meta({ isSecret: true, description: `${variable.description}; or \`_FILE\`` });
}
