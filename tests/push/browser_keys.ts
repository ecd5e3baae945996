/** A browser's keys for Web Push: it decrypts with another implementation of RFC 8291 than the one that encrypts. */

import { Buffer } from "node:buffer";
import { createECDH, type ECDH, randomBytes } from "node:crypto";
import ece from "http_ece";

/** The part of `http_ece` that is used here; the package has no types. */
interface EncryptedContentEncoding {
  decrypt(body: Buffer, params: { version: "aes128gcm"; privateKey: ECDH; authSecret: string }): Buffer;
}

const { decrypt }: EncryptedContentEncoding = ece;

export class BrowserKeys {
  readonly #keys: ECDH = createECDH("prime256v1");
  readonly auth: string;

  /** Generates the keys, unless a test has its own, for example those of RFC 8291; both are in base64url. */
  constructor({ privateKey, auth }: { privateKey?: string; auth?: string } = {}) {
    if (privateKey === undefined) this.#keys.generateKeys();
    else this.#keys.setPrivateKey(Buffer.from(privateKey, "base64url"));
    this.auth = auth ?? randomBytes(16).toString("base64url");
  }

  get p256dh(): string {
    return this.#keys.getPublicKey().toString("base64url");
  }

  /** @throws if the body was not encrypted for these keys */
  decrypt(body: Uint8Array): string {
    const params = { version: "aes128gcm", privateKey: this.#keys, authSecret: this.auth } as const;
    return decrypt(Buffer.from(body), params).toString();
  }
}
