/** Forms: how the text of an environment variable is read, and what is said of one that has another form. */

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { type NatsUrl, parseNatsUrl } from "../nats/nats_url.ts";

const NATS = "nats://HOST:PORT/?stream=NAME&replicas=1 (to 5)";

/** How the text of a variable is read; `expected` ends the sentence that refuses it. */
export interface Form<T> {
  readonly expected: string;
  /** Undefined: the text has another form. */
  parse(text: string): T | undefined;
}

export function text(): Form<string> {
  return { expected: "text", parse: (text) => text };
}

export function wholeNumber(min: number, max: number): Form<number> {
  const isAllowed = (text: string) => /^\d{1,15}$/.test(text) && Number(text) >= min && Number(text) <= max;
  return {
    expected: `a whole number from ${min} to ${max}`,
    parse: (text) => isAllowed(text) ? Number(text) : undefined,
  };
}

export function oneOf<const T extends string>(...allowed: readonly T[]): Form<T> {
  return { expected: allowed.join(" or "), parse: (text) => allowed.find((one) => one === text) };
}

/** Where notifications are kept. `normal` may lose the last moments in a power cut, but nothing with the process. */
export type JournalUrl =
  | { readonly kind: "memory" }
  | { readonly kind: "sqlite"; readonly path: string; readonly synchronous: "full" | "normal" }
  | ({ readonly kind: "nats" } & NatsUrl);

export function journal(): Form<JournalUrl> {
  return {
    expected: `memory: or sqlite:PATH or sqlite:PATH?synchronous=normal or ${NATS}`,
    parse(text) {
      if (text === "memory:") return { kind: "memory" };
      const [, path, synchronous] = /^sqlite:([^?]+)(?:\?synchronous=(full|normal))?$/.exec(text) ?? [];
      if (path === undefined || path.endsWith("/")) {
        const place = parseNatsUrl(text);
        return place && { kind: "nats", ...place };
      }
      return { kind: "sqlite", path, synchronous: synchronous === "normal" ? "normal" : "full" };
    },
  };
}

/** Where backends put notifications that are taken from there. */
export function queue(): Form<NatsUrl> {
  return {
    expected: NATS,
    parse: (text) => parseNatsUrl(text, { defaultStream: "tidings-queue" }),
  };
}

/** Separated by commas; at least one, and each of the form. */
export function listOf<T extends string>({ expected, parse }: Form<T>): Form<T[]> {
  return {
    expected: `one or more, separated by commas, each ${expected}`,
    parse(list) {
      const values = list.split(",").map((item) => parse(item.trim()));
      const read = values.filter((value) => value !== undefined);
      return read.length === values.length ? read : undefined;
    },
  };
}

export function secret(bytes: number): Form<string> {
  return {
    expected: `at least ${bytes} bytes (RFC 7518, section 3.2)`,
    parse: (text) => new TextEncoder().encode(text).length >= bytes ? text : undefined,
  };
}

/** A plain key is hashed here, so that nothing holds it. */
export function keyDigest(): Form<string> {
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
export function safeUrl(): Form<string> {
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
export function webhookUrl(): Form<string> {
  return {
    expected: "an http or https URL without user name and password",
    parse(text) {
      const { protocol = "", username, password } = URL.parse(text) ?? {};
      return ["http:", "https:"].includes(protocol) && !username && !password ? text : undefined;
    },
  };
}

/** The key itself, as Standard Webhooks write it. Decoding alone would skip what is not base64. */
export function webhookSecret(): Form<Uint8Array> {
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
export function origin(): Form<string> {
  return {
    expected: "like https://example.com or https://*.example.com",
    parse(text) {
      if (!/^https?:\/\/(\*\.)?[^*/?#@]+\/?$/.test(text) || !URL.canParse(text)) return undefined;
      return new URL(text).origin;
    },
  };
}
