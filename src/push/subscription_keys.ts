/** The keys of a subscription: which texts are keys that a push can be encrypted for. */

import { Buffer } from "node:buffer";
import { ECDH } from "node:crypto";

/**
 * True if the text is a public key on the curve P-256: an uncompressed point, 65 bytes in base64url without padding.
 * `importKey` of Web Crypto accepts any 65 bytes in Deno 2.9.6, and fails only when it derives a secret.
 */
export function isValidKey(p256dh: string): boolean {
  const point = bytesOf(p256dh, 65);
  if (point === null || point[0] !== 4) return false;
  try {
    ECDH.convertKey(point, "prime256v1");
    return true;
  } catch {
    return false; // it is no point on the curve
  }
}

/** True if the text is a secret that the browser shares with senders: 16 bytes in base64url without padding. */
export function isValidAuth(auth: string): boolean {
  return bytesOf(auth, 16) !== null;
}

/** Null if the text has another length, or is not written as browsers write it. */
function bytesOf(text: string, length: number): Buffer | null {
  const bytes = Buffer.from(text, "base64url");
  return bytes.length === length && bytes.toString("base64url") === text ? bytes : null;
}
