/** The environment variables: one schema of what each is for, what it is if it is not set, and what it may be. */

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { z } from "zod";

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
    "where notifications are kept: `memory:`, or `sqlite:` and the path of a file",
    journal(),
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
  TIDINGS_LOG_LEVEL: standard(
    "info",
    "the least severe that is logged",
    oneOf("debug", "info", "warning", "error"),
  ),
});
export type Environment = z.infer<typeof Environment>;

/** How the text of a variable is read; `expected` ends the sentence that refuses it. */
interface Form<T> {
  readonly expected: string;
  /** Undefined: the text has another form. */
  parse(text: string): T | undefined;
}

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

function text(): Form<string> {
  return { expected: "text", parse: (text) => text };
}

function wholeNumber(least: number, most: number): Form<number> {
  const isAllowed = (text: string) =>
    /^\d{1,15}$/.test(text) && Number(text) >= least && Number(text) <= most;
  return {
    expected: `a whole number from ${least} to ${most}`,
    parse: (text) => isAllowed(text) ? Number(text) : undefined,
  };
}

function oneOf<const T extends string>(...allowed: readonly T[]): Form<T> {
  return { expected: allowed.join(" or "), parse: (text) => allowed.find((one) => one === text) };
}

/** Where notifications are kept. `normal` may lose the last moments in a power cut, but nothing with the process. */
export type JournalPlace =
  | { readonly kind: "memory" }
  | { readonly kind: "sqlite"; readonly path: string; readonly synchronous: "full" | "normal" };

function journal(): Form<JournalPlace> {
  return {
    expected: "memory: or sqlite:PATH or sqlite:PATH?synchronous=normal",
    parse(text) {
      if (text === "memory:") return { kind: "memory" };
      const [, path, synchronous] = /^sqlite:([^?]+)(?:\?synchronous=(full|normal))?$/.exec(text) ?? [];
      if (path === undefined || path.endsWith("/")) return undefined;
      return { kind: "sqlite", path, synchronous: synchronous === "normal" ? "normal" : "full" };
    },
  };
}

/** Separated by commas; at least one, and each of the form. */
function listOf<T extends string>({ expected, parse }: Form<T>): Form<T[]> {
  return {
    expected: `one or more, separated by commas, each ${expected}`,
    parse(list) {
      const values = list.split(",").map((item) => parse(item.trim()));
      const read = values.filter((value) => value !== undefined);
      return read.length === values.length ? read : undefined;
    },
  };
}

function secret(bytes: number): Form<string> {
  return {
    expected: `at least ${bytes} bytes (RFC 7518, section 3.2)`,
    parse: (text) => new TextEncoder().encode(text).length >= bytes ? text : undefined,
  };
}

/** A plain key is hashed here, so that nothing holds it. */
function keyDigest(): Form<string> {
  return {
    expected: "a key of visible ASCII characters, or sha256: and 64 hexadecimal digits",
    parse(key) {
      if (key.startsWith("sha256:")) return /^sha256:([0-9a-f]{64})$/i.exec(key)?.[1]?.toLowerCase();
      if (!/^[\x21-\x7e]+$/.test(key)) return undefined; // no header could carry it
      return createHash("sha256").update(key).digest("hex");
    },
  };
}

/** Keys fetched over a line that others can write to would prove nothing. */
function safeUrl(): Form<string> {
  return {
    expected: "an https URL, or an http URL on loopback",
    parse(text) {
      const { protocol, hostname } = URL.parse(text) ?? {};
      const isLocal = ["localhost", "127.0.0.1", "[::1]"].includes(hostname ?? "");
      return protocol === "https:" || (protocol === "http:" && isLocal) ? text : undefined;
    },
  };
}

/** Who posts is proven by the signature: a password in the URL would only be seen wherever the URL is. */
function webhookUrl(): Form<string> {
  return {
    expected: "an http or https URL without user name and password",
    parse(text) {
      const { protocol = "", username, password } = URL.parse(text) ?? {};
      return ["http:", "https:"].includes(protocol) && !username && !password ? text : undefined;
    },
  };
}

/** The key itself, as Standard Webhooks write it. Decoding alone would skip what is not base64. */
function webhookSecret(): Form<Uint8Array> {
  return {
    expected: "whsec_ and 24 to 64 bytes in base64",
    parse(text) {
      const key = Buffer.from(text.slice("whsec_".length), "base64");
      const isWhole = text === `whsec_${key.toString("base64")}`;
      return isWhole && key.length >= 24 && key.length <= 64 ? new Uint8Array(key) : undefined;
    },
  };
}

/** Scheme, host and port; the first label of the host may be a star. */
function origin(): Form<string> {
  return {
    expected: "like https://example.com or https://*.example.com",
    parse(text) {
      if (!/^https?:\/\/(\*\.)?[^*/?#@]+\/?$/.test(text) || !URL.canParse(text)) return undefined;
      return new URL(text).origin;
    },
  };
}
