/** The schemas of variables whose value is a URL or an origin. */

import { z } from "zod";
import { type NatsUrl, parseNatsUrl } from "../nats/nats_url.ts";
import { parsePostgresUrl, type PostgresUrl } from "../postgres/postgres_url.ts";

const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];
const NATS_FORM = "nats://HOST:PORT/?stream=NAME&replicas=N (N from 1 to 5)";
const POSTGRES_FORM =
  "postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=MODE, percent-encoded, where MODE is " +
  "disable, prefer, require, verify-ca or verify-full";

/** The URL of a key set. Over plain http, anyone on the network path could replace the keys. */
export const KeySetUrl = z.string().refine((text) => {
  const { protocol, hostname = "" } = URL.parse(text) ?? {};
  return protocol === "https:" || (protocol === "http:" && LOOPBACK.includes(hostname));
}, "expected an https URL, or an http URL of a loopback host");

/** The URL of the application's webhook. The signature authenticates the request; a password in a URL would leak into logs. */
export const WebhookUrl = z.string().refine((text) => {
  const { protocol = "", username, password } = URL.parse(text) ?? {};
  return ["http:", "https:"].includes(protocol) && !username && !password;
}, "expected an http or https URL without a user name and password");

const ORIGIN_FORM = "expected an origin like https://example.com, https://*.example.com, app://name or null";

const PUSH_ORIGIN_FORM = "expected an https origin with the name of a host, like https://push.example.com";

/**
 * Scheme, host and port. The first label of the host may be a star, over http and https. Pages of apps and extensions
 * have schemes of their own, and sandboxed pages have the origin `null`.
 */
export const Origin = z.union([
  z.string().regex(/^https?:\/\/(\*\.)?[^*/?#@\s]+\/?$/i).refine((text) => URL.canParse(text))
    .transform((text) => new URL(text).origin),
  z.string().regex(/^(?!https?:|wss?:)[a-z][a-z\d+.-]*:\/\/[^*/?#@\s]*\/?$/i).transform(appOrigin),
  z.literal("null"),
], ORIGIN_FORM);

/** Browsers write the scheme in lower case, and no slash at the end. */
function appOrigin(text: string): string {
  const [scheme = "", host = ""] = text.split("://");
  return `${scheme.toLowerCase()}://${host.replace(/\/$/, "")}`;
}

/** A push service. Its address is for DNS to say: an address in a URL is a way into the network of the service. */
export const PushOrigin = z.string().regex(/^https:\/\/[^*/?#@\s]+\/?$/i, PUSH_ORIGIN_FORM)
  .refine((text) => {
    const { hostname = "" } = URL.parse(text) ?? {};
    return hostname !== "" && !/^\[|^[\d.]+$/.test(hostname);
  }, PUSH_ORIGIN_FORM)
  .transform((text) => new URL(text).origin);

/** The queue's stream on NATS. */
export const QueueUrl = natsUrl({ defaultStream: "tidings-queue" });

/** The database with the outbox table. */
export const OutboxTableUrl: z.ZodType<PostgresUrl, string> = z.string().transform((text, context) => {
  const url = parsePostgresUrl(text);
  if (url !== undefined) return url;
  context.addIssue({ code: "custom", message: `expected ${POSTGRES_FORM}` });
  return z.NEVER;
});

/** Where the journal is stored. With `normal`, a power cut may lose the latest entries; a crash of the process loses none. */
export type JournalUrl =
  | { readonly kind: "memory" }
  | { readonly kind: "sqlite"; readonly path: string; readonly synchronous: "full" | "normal" }
  | ({ readonly kind: "nats" } & NatsUrl);

export const JournalUrl = z.union([
  z.literal("memory:").transform((): JournalUrl => ({ kind: "memory" })),
  z.string().regex(/^sqlite:[^?]*[^?/](\?synchronous=(full|normal))?$/).transform(sqliteUrl),
  natsUrl().transform((url): JournalUrl => ({ kind: "nats", ...url })),
], `expected memory:, sqlite:PATH, sqlite:PATH?synchronous=normal or ${NATS_FORM}`);

function sqliteUrl(text: string): JournalUrl {
  const [path = "", query] = text.slice("sqlite:".length).split("?");
  return { kind: "sqlite", path, synchronous: query === "synchronous=normal" ? "normal" : "full" };
}

function natsUrl(options: { defaultStream?: string } = {}): z.ZodType<NatsUrl, string> {
  return z.string().transform((text, context) => {
    const url = parseNatsUrl(text, options);
    if (url !== undefined) return url;
    context.addIssue({ code: "custom", message: `expected ${NATS_FORM}` });
    return z.NEVER;
  });
}
