/** The schemas of variables whose value is a secret. */

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { z } from "zod";

export const SHORT_KEY_LENGTH = 16;
const MIN_TOKEN_SECRET_BYTES = 32;
const MIN_WEBHOOK_KEY_BYTES = 24;
const MAX_WEBHOOK_KEY_BYTES = 64;

/** A publisher key. The process does not hold the key itself. */
export interface PublisherKey {
  /** SHA-256 of the key, in hexadecimal. */
  readonly digest: string;
  /** Whether the key is so short that it can be guessed. It is not known of a key that was given as its hash. */
  readonly isShort: boolean;
}

/** A plain key has only characters that an HTTP header can carry. */
export const PublisherKey = z.string()
  .regex(
    /^(sha256:[0-9A-Fa-f]{64}|(?!sha256:)[\x21-\x7e]+)$/,
    "expected a key of visible ASCII characters, or sha256: and 64 hexadecimal digits",
  )
  .transform((key): PublisherKey =>
    key.startsWith("sha256:")
      ? { digest: key.slice("sha256:".length).toLowerCase(), isShort: false }
      : { digest: createHash("sha256").update(key).digest("hex"), isShort: key.length < SHORT_KEY_LENGTH }
  );

export const TokenSecret = z.string().refine(
  (text) => Buffer.byteLength(text) >= MIN_TOKEN_SECRET_BYTES,
  `expected at least ${MIN_TOKEN_SECRET_BYTES} bytes (RFC 7518, section 3.2)`,
);

/** A key in the format of Standard Webhooks, read as its bytes. */
export const WebhookSecret = z.string()
  .refine(
    (text) => {
      const key = webhookKey(text);
      const isCanonical = text === `whsec_${key.toString("base64")}`; // decoding skips what is not base64
      return isCanonical && key.length >= MIN_WEBHOOK_KEY_BYTES && key.length <= MAX_WEBHOOK_KEY_BYTES;
    },
    `expected whsec_ and ${MIN_WEBHOOK_KEY_BYTES} to ${MAX_WEBHOOK_KEY_BYTES} bytes in base64`,
  )
  .transform((text) => new Uint8Array(webhookKey(text)));

function webhookKey(text: string): Buffer {
  return Buffer.from(text.slice("whsec_".length), "base64");
}
