/** The keyring: finds the principal that a publisher key belongs to. */

import { Buffer } from "node:buffer";
import { createHash, timingSafeEqual } from "node:crypto";
import type { Config } from "../../config/config.ts";
import type { Principal } from "../../wire/principal.ts";

interface KnownKey {
  readonly digest: Uint8Array;
  readonly principal: Principal;
}

export class Keyring {
  readonly #keys: readonly KnownKey[];

  constructor(keys: Config["publisherKeys"]) {
    this.#keys = keys.map(({ digest, name, scopes }) => (
      { digest: Buffer.from(digest, "hex"), principal: { name, scopes } }
    ));
  }

  /**
   * Compares the hash of the key with all of them, also after a match, each in constant time: so the response time
   * reveals nothing about a guess.
   */
  find(key: string): Principal | undefined {
    const digest = createHash("sha256").update(key).digest();
    let found: Principal | undefined;
    for (const known of this.#keys) {
      if (timingSafeEqual(known.digest, digest)) found = known.principal;
    }
    return found;
  }
}
