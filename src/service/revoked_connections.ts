/** Ends the connections that were admitted with a token that is revoked now. */

import { nextTurn } from "../async/next_turn.ts";
import { RevocationIndex } from "../revocation/revocation_index.ts";
import type { Revocation, TokenIdentity } from "../revocation/revocations.ts";
import { CLOSE, type Close } from "../wire/close_codes.ts";

/** A connection, and what is known of its token. */
export interface TokenHolder {
  readonly token: TokenIdentity;
  end(close: Close): void;
}

export interface RevokedConnectionsDeps {
  /** The connections of a target, or (null) all connections of this node, after a turn of the hub. */
  readonly connectionsOf: (target: string | null) => Promise<readonly TokenHolder[]>;
  readonly report: (error: unknown) => void;
}

/**
 * Connections are found by their target, so nothing has to be kept for those with a `jti`. To find that of one token, all
 * are looked at: 50,000 take a millisecond. What is revoked within a turn of the event loop is looked for together.
 */
export class RevokedConnections {
  readonly #deps: RevokedConnectionsDeps;
  #pending = new RevocationIndex();

  constructor(deps: RevokedConnectionsDeps) {
    this.#deps = deps;
  }

  /** Called when this node learns of a revocation. */
  end(revocation: Revocation): void {
    const isFirst = this.#pending.bytes === 0;
    this.#pending.set(revocation);
    if (isFirst) this.#end().catch((error) => this.#deps.report(error));
  }

  async #end(): Promise<void> {
    await nextTurn();
    const revoked = this.#pending;
    this.#pending = new RevocationIndex();
    for (const target of targetsOf(revoked.all)) {
      for (const connection of await this.#deps.connectionsOf(target)) {
        if (revoked.isRevoked(connection.token)) connection.end(CLOSE.tokenRevoked);
      }
    }
  }
}

/** The targets whose connections may have the tokens; null: all. */
function targetsOf(revocations: Iterable<Revocation>): readonly (string | null)[] {
  const targets = Array.from(revocations, (one) => "target" in one ? one.target : null);
  return targets.includes(null) ? [null] : targets;
}
