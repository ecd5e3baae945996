/** The configuration: the environment variables, parsed once at the start into a frozen value. */

import { randomBytes } from "node:crypto";
import type { Retention } from "../journal/journal.ts";
import type { NatsUrl } from "../nats/nats_url.ts";
import type { PostgresUrl } from "../postgres/postgres_url.ts";
import { Environment } from "./environment.ts";
import { SHORT_KEY_LENGTH } from "./secrets.ts";
import { findUnknownVariables } from "./unknown_variables.ts";
import type { JournalUrl } from "./urls.ts";
import { DEVELOPMENT_SUBJECT, generateVapidKeys, type VapidKeys } from "./vapid.ts";

/** Thrown when the service cannot start. Its message has a line for each variable that is invalid or missing. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** The resolved configuration. Durations and sizes carry their unit in the name. */
export interface Config {
  readonly host: string;
  readonly port: number;
  /** Nobody needs a key or a token. True only on a loopback address, if no key and no token secret is configured. */
  readonly development: boolean;
  /** SHA-256, in hexadecimal, of each key that may publish. */
  readonly publisherKeyDigests: readonly string[];
  readonly tokens: TokenConfig;
  /**
   * Such as `https://example.com`, `https://*.example.com` for its subdomains, `app://name` or `null`. Null allows pages
   * of the same host.
   */
  readonly allowedOrigins: readonly string[] | null;
  readonly journal: JournalUrl;
  /** The queue that notifications are consumed from, besides the webhook. Null if there is none. */
  readonly queue: NatsUrl | null;
  /** The database with the outbox table that notifications are consumed from. Null if there is none. */
  readonly outboxTable: PostgresUrl | null;
  readonly retention: Retention;
  readonly outboxBytes: number;
  readonly maxConnections: number;
  readonly maxConnectionsPerTarget: number;
  /** The memory that the process may use, if that is configured. Otherwise the limit of the container counts. */
  readonly maxMemoryBytes: number | null;
  readonly drainSeconds: number;
  /** Where messages from browsers are posted, and the key that signs the requests. Null logs the messages instead. */
  readonly messageWebhook: { readonly url: string; readonly secret: Uint8Array } | null;
  /** How pushes are sent to browsers. Null if Web Push is not configured. */
  readonly push: PushConfig | null;
  /** Whether `/` serves the demo page. */
  readonly demo: boolean;
  readonly logLevel: "debug" | "info" | "warning" | "error";
  /** What is valid and should be changed, as sentences for the log. */
  readonly warnings: readonly string[];
}

/** How subscribers' tokens are verified: with the secret, with the key set at the URL, or with either of them. */
export interface TokenConfig {
  readonly secret: string | null;
  readonly jwksUrl: string | null;
  /** The required `iss`. Null accepts any. */
  readonly issuer: string | null;
  /** The required `aud`. Null accepts any. */
  readonly audience: string | null;
}

/** The keys and the contact by which push services know this service, and the services that it may send to. */
export interface PushConfig extends VapidKeys {
  /** A `mailto:` or `https:` URL. */
  readonly subject: string;
  /** Such as `https://push.example.com`, besides the push services of the browsers' vendors. */
  readonly origins: readonly string[];
}

/**
 * Resolves the configuration. White space around a value does not count, because files that contain secrets often end
 * with a newline. An empty variable counts as one that is not set, and a name that is almost that of a variable is an
 * error: a misspelled secret would leave the service open.
 *
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * assertEquals(configFrom({ PORT: "9000" }).port, 9000);
 * assertThrows(() => configFrom({ PORT: "many" }), ConfigError, "PORT: expected a whole number from 0 to 65535");
 * ```
 *
 * @param options.isComplete whether `environment` has all variables of the process, so that misspelled names are found
 * @throws {ConfigError} if a variable is invalid or missing
 */
export function configFrom(
  environment: Readonly<Record<string, string | undefined>>,
  { isComplete = true }: { isComplete?: boolean } = {},
): Config {
  const env = parseEnvironment(environment);
  const development = env.TIDINGS_PUBLISHER_KEYS === undefined && env.TIDINGS_TOKEN_SECRET === undefined &&
    env.TIDINGS_TOKEN_JWKS_URL === undefined && isLoopback(env.HOST);
  if (!development) requireSecrets(env);
  return Object.freeze({
    host: env.HOST,
    port: env.PORT,
    development,
    publisherKeyDigests: env.TIDINGS_PUBLISHER_KEYS?.map(({ digest }) => digest) ?? [],
    tokens: tokenConfig(env, { development }),
    allowedOrigins: env.TIDINGS_ALLOWED_ORIGINS ?? null,
    journal: env.TIDINGS_JOURNAL,
    queue: env.TIDINGS_QUEUE ?? null,
    outboxTable: env.TIDINGS_OUTBOX ?? null,
    retention: {
      seconds: env.TIDINGS_RETENTION_SECONDS,
      perTarget: env.TIDINGS_RETENTION_PER_TARGET,
      bytes: env.TIDINGS_RETENTION_BYTES,
    },
    outboxBytes: env.TIDINGS_OUTBOX_BYTES,
    maxConnections: env.TIDINGS_MAX_CONNECTIONS,
    maxConnectionsPerTarget: env.TIDINGS_MAX_CONNECTIONS_PER_TARGET,
    maxMemoryBytes: env.TIDINGS_MAX_MEMORY_BYTES ?? null,
    drainSeconds: env.TIDINGS_DRAIN_SECONDS,
    messageWebhook: messageWebhook(env),
    push: pushConfig(env, { development }),
    demo: env.TIDINGS_DEMO === undefined ? development : env.TIDINGS_DEMO === "on",
    logLevel: env.TIDINGS_LOG_LEVEL,
    warnings: [...isComplete ? [] : [CANNOT_LIST], ...shortKeys(env)],
  });
}

const CANNOT_LIST = "misspelled names of variables cannot be detected: that needs --allow-env without a list";

/** The names of all variables. */
export const VARIABLES: readonly string[] = Object.keys(Environment.shape);

function parseEnvironment(environment: Readonly<Record<string, string | undefined>>): Environment {
  const unknown = findUnknownVariables(environment, VARIABLES).map(({ name, nearest }) =>
    `${name}: there is no such variable; did you mean ${nearest}?`
  );
  const trimmed = Object.entries(environment).map(([name, value = ""]) => [name, value.trim()]);
  const { success, data, error } = Environment.safeParse(
    Object.fromEntries(trimmed.filter(([, value]) => value !== "")),
  );
  if (success && unknown.length === 0) return data;
  const invalid = error?.issues.map(({ path: [name, index], message }) =>
    typeof index === "number"
      ? `${String(name)}, item ${index + 1}: ${message}`
      : `${String(name)}: ${message}`
  );
  throw new ConfigError([...unknown, ...invalid ?? []].join("\n"));
}

function shortKeys({ TIDINGS_PUBLISHER_KEYS: keys = [] }: Environment): string[] {
  const warning = `the key has fewer than ${SHORT_KEY_LENGTH} characters and can be guessed`;
  return keys.flatMap(({ isShort }, index) =>
    isShort ? [`TIDINGS_PUBLISHER_KEYS, item ${index + 1}: ${warning}`] : []
  );
}

function tokenConfig(env: Environment, { development }: { development: boolean }): TokenConfig {
  return {
    // A random secret makes `/v1/tokens` usable in development mode.
    secret: env.TIDINGS_TOKEN_SECRET ?? (development ? randomBytes(32).toString("hex") : null),
    jwksUrl: env.TIDINGS_TOKEN_JWKS_URL ?? null,
    issuer: env.TIDINGS_TOKEN_ISSUER ?? null,
    audience: env.TIDINGS_TOKEN_AUDIENCE ?? null,
  };
}

function messageWebhook(env: Environment): Config["messageWebhook"] {
  requireBoth(env, ["TIDINGS_MESSAGE_WEBHOOK_URL", "TIDINGS_MESSAGE_WEBHOOK_SECRET"]);
  const { TIDINGS_MESSAGE_WEBHOOK_URL: url, TIDINGS_MESSAGE_WEBHOOK_SECRET: secret } = env;
  return url === undefined || secret === undefined ? null : { url, secret };
}

/** In development mode, browsers have to subscribe again after a restart, unless the key is set. */
function pushConfig(env: Environment, { development }: { development: boolean }): Config["push"] {
  requireBoth(env, ["TIDINGS_VAPID_PRIVATE_KEY", "TIDINGS_VAPID_SUBJECT"]);
  const { TIDINGS_VAPID_SUBJECT: subject = DEVELOPMENT_SUBJECT, TIDINGS_PUSH_ORIGINS: origins = [] } = env;
  const keys = env.TIDINGS_VAPID_PRIVATE_KEY ?? (development ? generateVapidKeys() : null);
  if (keys !== null) return { ...keys, subject, origins };
  if (origins.length === 0) return null;
  throw new ConfigError(
    "TIDINGS_VAPID_PRIVATE_KEY, TIDINGS_VAPID_SUBJECT: required with TIDINGS_PUSH_ORIGINS",
  );
}

/** Refuses one of the variables without the other. */
function requireBoth(env: Environment, names: readonly [keyof Environment, keyof Environment]): void {
  const [given, ...others] = names.filter((name) => env[name] !== undefined);
  if (given === undefined || others.length > 0) return;
  throw new ConfigError(`${names.find((name) => name !== given)}: required with ${given}`);
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Half of the secrets would leave either publishing or connecting open to everyone, or closed to everyone. */
function requireSecrets(env: Environment): void {
  const missing = [];
  if (env.TIDINGS_PUBLISHER_KEYS === undefined) missing.push("TIDINGS_PUBLISHER_KEYS: not set");
  if (env.TIDINGS_TOKEN_SECRET === undefined && env.TIDINGS_TOKEN_JWKS_URL === undefined) {
    missing.push("TIDINGS_TOKEN_SECRET or TIDINGS_TOKEN_JWKS_URL: not set");
  }
  if (missing.length === 0) return;
  const reason = isLoopback(env.HOST)
    ? "Set both publisher keys and token verification, or neither for development mode."
    : `HOST is ${env.HOST}, but development mode, without secrets, needs a loopback address.`;
  throw new ConfigError([reason, ...missing].join("\n"));
}
