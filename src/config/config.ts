/** Configuration: the environment, read once, into a value that cannot change. */

import { randomBytes } from "node:crypto";
import { Environment } from "./environment.ts";
import type { JournalUrl } from "./parsers.ts";
import type { Retention } from "../journal/journal.ts";
import type { NatsUrl } from "../nats/nats_url.ts";

/** Says why the service cannot start, in a line for each variable. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** What the service runs with. Durations and sizes have their unit in the name. */
export interface Config {
  readonly host: string;
  readonly port: number;
  /** Nobody has to show a key or a token. Only on loopback, and only if none of them are configured. */
  readonly development: boolean;
  /** SHA-256, in hexadecimal, of each key that may publish. */
  readonly publisherKeyDigests: readonly string[];
  readonly tokens: TokenConfig;
  /** `https://example.com`, or `https://*.example.com` for its subdomains; null: pages of the same host. */
  readonly allowedOrigins: readonly string[] | null;
  readonly journal: JournalUrl;
  /** Where notifications are taken from beside the webhook; null: from nowhere. */
  readonly queue: NatsUrl | null;
  readonly retention: Retention;
  readonly outboxBytes: number;
  readonly maxConnections: number;
  readonly maxConnectionsPerTarget: number;
  readonly drainSeconds: number;
  /** Where messages from browsers are posted, and the key that they are signed with; null: they are logged. */
  readonly messageWebhook: { readonly url: string; readonly secret: Uint8Array } | null;
  /** Whether there is a demo page at `/`. */
  readonly demo: boolean;
  readonly logLevel: "debug" | "info" | "warning" | "error";
}

/** How subscribers' tokens are verified: by the secret, by the keys at the URL, or by either of them. */
export interface TokenConfig {
  readonly secret: string | null;
  readonly jwksUrl: string | null;
  /** What `iss` and `aud` must be; null: anything. */
  readonly issuer: string | null;
  readonly audience: string | null;
}

/**
 * Resolves the configuration. An empty variable is as good as none.
 *
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * assertEquals(configFrom({ PORT: "9000" }).port, 9000);
 * assertThrows(() => configFrom({ PORT: "many" }), ConfigError, "PORT: expected a whole number from 0 to 65535");
 * ```
 *
 * @throws {ConfigError} if a variable is wrong or missing
 */
export function configFrom(environment: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const { success, data: env, error } = Environment.safeParse(given);
  if (!success) {
    throw new ConfigError(
      error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("\n"),
    );
  }
  const development = env.TIDINGS_PUBLISHER_KEYS === undefined && env.TIDINGS_TOKEN_SECRET === undefined &&
    env.TIDINGS_TOKEN_JWKS_URL === undefined && isLoopback(env.HOST);
  if (!development) requireSecrets(env);
  return Object.freeze({
    host: env.HOST,
    port: env.PORT,
    development,
    publisherKeyDigests: env.TIDINGS_PUBLISHER_KEYS ?? [],
    tokens: {
      // In development any secret will do: it is only there so that /v1/tokens can be tried.
      secret: env.TIDINGS_TOKEN_SECRET ?? (development ? randomBytes(32).toString("hex") : null),
      jwksUrl: env.TIDINGS_TOKEN_JWKS_URL ?? null,
      issuer: env.TIDINGS_TOKEN_ISSUER ?? null,
      audience: env.TIDINGS_TOKEN_AUDIENCE ?? null,
    },
    allowedOrigins: env.TIDINGS_ALLOWED_ORIGINS ?? null,
    journal: env.TIDINGS_JOURNAL,
    queue: env.TIDINGS_QUEUE ?? null,
    retention: {
      seconds: env.TIDINGS_RETENTION_SECONDS,
      perTarget: env.TIDINGS_RETENTION_PER_TARGET,
      bytes: env.TIDINGS_RETENTION_BYTES,
    },
    outboxBytes: env.TIDINGS_OUTBOX_BYTES,
    maxConnections: env.TIDINGS_MAX_CONNECTIONS,
    maxConnectionsPerTarget: env.TIDINGS_MAX_CONNECTIONS_PER_TARGET,
    drainSeconds: env.TIDINGS_DRAIN_SECONDS,
    messageWebhook: messageWebhookOf(env),
    demo: env.TIDINGS_DEMO === undefined ? development : env.TIDINGS_DEMO === "on",
    logLevel: env.TIDINGS_LOG_LEVEL,
  });
}

/** The names of all variables. */
export const VARIABLES: readonly string[] = Object.keys(Environment.shape);

function messageWebhookOf(env: Environment): Config["messageWebhook"] {
  const { TIDINGS_MESSAGE_WEBHOOK_URL: url, TIDINGS_MESSAGE_WEBHOOK_SECRET: secret } = env;
  if (url !== undefined && secret !== undefined) return { url, secret };
  if (url !== undefined) {
    throw new ConfigError("TIDINGS_MESSAGE_WEBHOOK_SECRET: is missing; TIDINGS_MESSAGE_WEBHOOK_URL is set");
  }
  if (secret !== undefined) {
    throw new ConfigError("TIDINGS_MESSAGE_WEBHOOK_URL: is missing; TIDINGS_MESSAGE_WEBHOOK_SECRET is set");
  }
  return null;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

function requireSecrets(env: Environment): void {
  const missing = [];
  if (env.TIDINGS_PUBLISHER_KEYS === undefined) missing.push("TIDINGS_PUBLISHER_KEYS: is missing");
  if (env.TIDINGS_TOKEN_SECRET === undefined && env.TIDINGS_TOKEN_JWKS_URL === undefined) {
    missing.push("TIDINGS_TOKEN_SECRET or TIDINGS_TOKEN_JWKS_URL: is missing");
  }
  if (missing.length === 0) return;
  const why = isLoopback(env.HOST)
    ? "Of the secrets, either all or none (development mode) are to be set:"
    : `HOST is ${env.HOST}: development mode, without secrets, is for loopback only.`;
  throw new ConfigError([why, ...missing].join("\n"));
}
