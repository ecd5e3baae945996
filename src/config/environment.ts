/** The environment variables: one schema of what each is for, what it is if it is not set, and what it may be. */

import { z } from "zod";
import {
  type Form,
  journal,
  keyDigest,
  listOf,
  oneOf,
  origin,
  queue,
  safeUrl,
  secret,
  text,
  webhookSecret,
  webhookUrl,
  wholeNumber,
} from "./parsers.ts";

const MEBIBYTE = 1024 * 1024;

/** `meta()` of a variable has the cells of its row in the README. */
export const Environment = z.object({
  HOST: standard("127.0.0.1", "address to listen on", text()),
  PORT: standard("8000", "port to listen on; 0: any free one", wholeNumber(0, 65_535)),
  TIDINGS_PUBLISHER_KEYS: optional(
    "keys that may publish: a list, each plain or `sha256:HEX`",
    listOf(keyDigest()),
  ),
  TIDINGS_TOKEN_SECRET: optional("secret that subscribers' tokens are signed with (HS256)", secret(32)),
  TIDINGS_TOKEN_JWKS_URL: optional(
    "where the public keys are that subscribers' tokens are signed for",
    safeUrl(),
  ),
  TIDINGS_TOKEN_ISSUER: optional("what `iss` of a token must be", text()),
  TIDINGS_TOKEN_AUDIENCE: optional("what `aud` of a token must be or contain", text()),
  TIDINGS_ALLOWED_ORIGINS: optional(
    "origins of pages that may connect: a list, `https://*.example.com` for subdomains; not set: the same host",
    listOf(origin()),
  ),
  TIDINGS_JOURNAL: standard(
    "sqlite:data/tidings.db",
    "where notifications are kept: `memory:`, `sqlite:` and the path of a file, or `nats://HOST:PORT`",
    journal(),
  ),
  TIDINGS_QUEUE: optional(
    "queue that notifications are taken from as well: `nats://HOST:PORT`; `?stream=` names it",
    queue(),
  ),
  TIDINGS_RETENTION_SECONDS: standard(
    "3600",
    "how long they are kept; 0: not at all",
    wholeNumber(0, 31_536_000),
  ),
  TIDINGS_RETENTION_PER_TARGET: standard("1000", "how many are kept for a target", wholeNumber(1, 1_000_000)),
  TIDINGS_RETENTION_BYTES: standard(
    `${256 * MEBIBYTE}`,
    "how many bytes are kept in all",
    wholeNumber(MEBIBYTE, 2 ** 40),
  ),
  TIDINGS_OUTBOX_BYTES: standard(
    `${MEBIBYTE}`,
    "how many bytes may wait for a connection before it has to read the journal",
    wholeNumber(1, 2 ** 30),
  ),
  TIDINGS_MAX_CONNECTIONS: standard("50000", "connections of this node", wholeNumber(1, 10_000_000)),
  TIDINGS_MAX_CONNECTIONS_PER_TARGET: standard(
    "1000",
    "connections of one target",
    wholeNumber(1, 10_000_000),
  ),
  TIDINGS_DRAIN_SECONDS: standard("8", "how long a stop may take", wholeNumber(1, 3_600)),
  TIDINGS_MESSAGE_WEBHOOK_URL: optional(
    "where messages from browsers are posted; not set: they are logged",
    webhookUrl(),
  ),
  TIDINGS_MESSAGE_WEBHOOK_SECRET: optional(
    "secret that they are signed with: `whsec_` and 24 to 64 bytes in base64",
    webhookSecret(),
  ),
  TIDINGS_DEMO: optional(
    "the demo page at `/`: `on` or `off`; not set: on in development mode",
    oneOf("on", "off"),
  ),
  TIDINGS_LOG_LEVEL: standard(
    "info",
    "the least severe that is logged",
    oneOf("debug", "info", "warning", "error"),
  ),
});
export type Environment = z.infer<typeof Environment>;

function standard<T>(value: string, description: string, form: Form<T>) {
  return given(form).prefault(value).meta({ standard: value, description });
}

function optional<T>(description: string, form: Form<T>) {
  return given(form).optional().meta({ standard: "", description });
}

function given<T>({ expected, parse }: Form<T>) {
  return z.string().transform((text, context) => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue({ code: "custom", message: `expected ${expected}` }); // never what was given: it may be a secret
    return z.NEVER;
  });
}
