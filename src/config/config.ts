/** The configuration: the environment variables, parsed once at the start into a frozen value. */

import { randomBytes } from "node:crypto";
import type { Retention } from "../journal/journal.ts";
import type { NatsUrl } from "../nats/nats_url.ts";
import type { PostgresUrl } from "../postgres/postgres_url.ts";
import { adminAddress } from "./admin_address.ts";
import { ConfigError } from "./config_error.ts";
import { platformWarnings } from "./deno_deploy.ts";
import { isDevelopment, missingSecrets } from "./development_mode.ts";
import { type Environment, VARIABLES } from "./environment.ts";
import { parseEnvironment } from "./parse_environment.ts";
import { allKeys, type ConfiguredKey } from "./publisher_keys.ts";
import { type RateLimits, rateLimits } from "./rate_limits.ts";
import type { JournalUrl } from "./urls.ts";
import { DEVELOPMENT_SUBJECT, generateVapidKeys, type VapidKeys } from "./vapid.ts";
import { warningsOf } from "./warnings.ts";

export { ConfigError, VARIABLES };

/** The resolved configuration. Durations and sizes carry their unit in the name. */
export interface Config {
  readonly host: string;
  readonly port: number;
  /** Where metrics and the console are served. Null: on the same port as everything else. */
  readonly admin: { readonly host: string; readonly port: number } | null;
  /** Nobody needs a key or a token. True only on a loopback address, if no key and no token secret is configured. */
  readonly development: boolean;
  /** The keys of publishers and operators, with their names and scopes. */
  readonly publisherKeys: readonly ConfiguredKey[];
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
  /** How many isolates serve connections, each on a thread of its own. */
  readonly workers: number;
  readonly maxConnections: number;
  readonly maxConnectionsPerTarget: number;
  readonly rateLimits: RateLimits;
  /** Networks, each as `ADDRESS/LENGTH`, of proxies that say truly whom a request is from. */
  readonly trustedProxies: readonly string[];
  /** The memory that the process may use, if that is configured. Otherwise the limit of the container counts. */
  readonly maxMemoryBytes: number | null;
  readonly drainSeconds: number;
  /** Where messages from browsers are posted. Null logs the messages instead. */
  readonly messageWebhook: WebhookConfig | null;
  /** Where it is posted that targets go online and offline. Null: nowhere. */
  readonly presenceWebhook: WebhookConfig | null;
  /** How long it is kept when a target was last seen. 0 keeps nothing. */
  readonly lastSeenSeconds: number;
  /** How pushes are sent to browsers. Null if Web Push is not configured. */
  readonly push: PushConfig | null;
  /** Whether `/` serves the demo page. */
  readonly demo: boolean;
  readonly logLevel: "debug" | "info" | "warning" | "error";
  /** Whether the log has a line for each request. */
  readonly accessLog: boolean;
  /** What is valid and should be changed, as sentences for the log. */
  readonly warnings: readonly string[];
}

/** How subscribers' tokens are verified: with the secret, with the key set at the URL, or with either of them. */
export interface TokenConfig {
  readonly secret: string | null;
  /** Earlier secrets, which sign nothing more. */
  readonly oldSecrets: readonly string[];
  readonly jwksUrl: string | null;
  /** The required `iss`. Null accepts any. */
  readonly issuer: string | null;
  /** The required `aud`. Null accepts any. */
  readonly audience: string | null;
  /** How long a token counts after it was issued, whatever its `exp`. */
  readonly maxSeconds: number;
}

/** Where the application receives requests, and the keys that sign each request: the current one and earlier ones. */
export interface WebhookConfig {
  readonly url: string;
  readonly secrets: readonly Uint8Array[];
}

/** The keys and the contact by which push services know this service, and the services that it may send to. */
export interface PushConfig extends VapidKeys {
  /** A `mailto:` or `https:` URL. */
  readonly subject: string;
  /** Such as `https://push.example.com`, besides the push services of the browsers' vendors. */
  readonly origins: readonly string[];
}

const WORKERS_AND_NATS =
  "TIDINGS_WORKERS: must be 1 with a journal on NATS; start several nodes instead, which share it in the same way";

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
  const parsed = parseEnvironment(environment);
  if ("faults" in parsed) throw new ConfigError(parsed.faults.join("\n"));
  const { env } = parsed;
  const development = isDevelopment(env), missing = development ? [] : missingSecrets(env);
  if (missing.length > 0) throw new ConfigError(missing.join("\n"));
  if (env.TIDINGS_WORKERS > 1 && env.TIDINGS_JOURNAL.kind === "nats") throw new ConfigError(WORKERS_AND_NATS);
  const keys = publisherKeys(env), fault = (message: string) => new ConfigError(message);
  return Object.freeze({
    host: env.HOST,
    port: env.PORT,
    admin: adminAddress(env),
    development,
    publisherKeys: keys,
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
    workers: env.TIDINGS_WORKERS,
    maxConnections: env.TIDINGS_MAX_CONNECTIONS,
    maxConnectionsPerTarget: env.TIDINGS_MAX_CONNECTIONS_PER_TARGET,
    rateLimits: rateLimits(env, { publisherKeys: keys, development, fault }),
    trustedProxies: env.TIDINGS_TRUSTED_PROXIES ?? [],
    maxMemoryBytes: env.TIDINGS_MAX_MEMORY_BYTES ?? null,
    drainSeconds: env.TIDINGS_DRAIN_SECONDS,
    messageWebhook: webhookConfig(env, "TIDINGS_MESSAGE_WEBHOOK"),
    presenceWebhook: webhookConfig(env, "TIDINGS_PRESENCE_WEBHOOK"),
    lastSeenSeconds: env.TIDINGS_LAST_SEEN_SECONDS,
    push: pushConfig(env, { development }),
    demo: env.TIDINGS_DEMO === undefined ? development : env.TIDINGS_DEMO === "on",
    logLevel: env.TIDINGS_LOG_LEVEL,
    accessLog: env.TIDINGS_ACCESS_LOG === "on",
    warnings: [...warningsOf(env, { isComplete }), ...platformWarnings(environment, env)],
  });
}

/** A key that may do everything must not seem to have fewer scopes. */
function publisherKeys(env: Environment): readonly ConfiguredKey[] {
  const { TIDINGS_PUBLISHER_KEYS: keys = [], TIDINGS_SCOPED_KEYS: scopedKeys = [] } = env;
  const index = scopedKeys.findIndex(({ digest }) => keys.some((one) => one.digest === digest));
  if (index < 0) return allKeys(keys, scopedKeys);
  throw new ConfigError(`TIDINGS_SCOPED_KEYS, item ${index + 1}: the key is also in TIDINGS_PUBLISHER_KEYS`);
}

function tokenConfig(env: Environment, { development }: { development: boolean }): TokenConfig {
  return {
    // A random secret makes `/v1/tokens` usable in development mode.
    secret: env.TIDINGS_TOKEN_SECRET ?? (development ? randomBytes(32).toString("hex") : null),
    oldSecrets: env.TIDINGS_TOKEN_SECRETS_OLD ?? [],
    jwksUrl: env.TIDINGS_TOKEN_JWKS_URL ?? null,
    issuer: env.TIDINGS_TOKEN_ISSUER ?? null,
    audience: env.TIDINGS_TOKEN_AUDIENCE ?? null,
    maxSeconds: env.TIDINGS_MAX_TOKEN_SECONDS,
  };
}

function webhookConfig(
  env: Environment,
  prefix: "TIDINGS_MESSAGE_WEBHOOK" | "TIDINGS_PRESENCE_WEBHOOK",
): WebhookConfig | null {
  const [urlName, secretName, oldName] = [
    `${prefix}_URL`,
    `${prefix}_SECRET`,
    `${prefix}_SECRETS_OLD`,
  ] as const;
  requireBoth(env, [urlName, secretName]);
  const { [urlName]: url, [secretName]: secret, [oldName]: old = [] } = env;
  if (url !== undefined && secret !== undefined) return { url, secrets: [secret, ...old] };
  if (old.length === 0) return null;
  throw new ConfigError(`${secretName}: required with ${oldName}`);
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
