/** The keys and the contact with which the service identifies itself to push services (VAPID, RFC 8292). */

import { Buffer } from "node:buffer";
import { createECDH } from "node:crypto";
import { z } from "zod";

/** A pair of keys on the curve P-256, in base64url. */
export interface VapidKeys {
  /** 32 bytes. */
  readonly privateKey: string;
  /** An uncompressed point, 65 bytes. Browsers subscribe with it, and their push services then accept no other key. */
  readonly publicKey: string;
}

/** Apple's push service refuses an address at localhost. */
export const DEVELOPMENT_SUBJECT = "mailto:developer@example.com";

const CURVE = "prime256v1"; // OpenSSL's name for P-256
const ADDRESS = /^mailto:[^\s@<>]+@[^\s@<>]+$/;

export const VapidPrivateKey = z.string().transform((text, context) => {
  const keys = keysOf(text);
  if (keys !== null) return keys;
  context.addIssue({
    code: "custom",
    message: "expected a private key of P-256 as 32 bytes in base64url, which `deno task vapid` makes",
  });
  return z.NEVER;
});

/** Section 2.1 allows both schemes. Apple's push service also refuses angle brackets and white space. */
export const VapidSubject = z.string().refine((text) => {
  const { protocol, hostname = "", username, password } = URL.parse(text) ?? {};
  if (protocol === "mailto:") return ADDRESS.test(text) && !isLocalhost(text.slice(text.indexOf("@") + 1));
  return protocol === "https:" && !isLocalhost(hostname) && !username && !password;
}, "expected mailto:ADDRESS or an https URL, under which push services can reach you");

/**
 * Generates a pair of keys.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const { privateKey, publicKey } = generateVapidKeys();
 * assertEquals([privateKey.length, publicKey.length], [43, 87]);
 * assertEquals(VapidPrivateKey.parse(privateKey), { privateKey, publicKey });
 * ```
 */
export function generateVapidKeys(): VapidKeys {
  const curve = createECDH(CURVE);
  curve.generateKeys();
  const bytes = Buffer.alloc(32), key = curve.getPrivateKey();
  key.copy(bytes, bytes.length - key.length); // a key with leading zeros may come without them
  return { privateKey: bytes.toString("base64url"), publicKey: curve.getPublicKey().toString("base64url") };
}

/** Null: it is no private key, or is written in another way. */
function keysOf(privateKey: string): VapidKeys | null {
  const bytes = Buffer.from(privateKey, "base64url");
  if (bytes.length !== 32 || bytes.toString("base64url") !== privateKey) return null;
  const curve = createECDH(CURVE);
  try {
    curve.setPrivateKey(bytes);
  } catch {
    return null; // it is 0, or not less than the order of the curve
  }
  return { privateKey, publicKey: curve.getPublicKey().toString("base64url") };
}

function isLocalhost(host: string): boolean {
  return /(^|\.)localhost$/i.test(host);
}
