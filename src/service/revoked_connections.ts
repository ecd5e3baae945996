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

const CONNECTIONS_PER_TURN = 5_000;

/**
 * Connections are found by their target, so nothing has to be kept for those with a `jti`. To find that of one token, all
 * are looked at: 50,000 take 2 ms, and 10 the first time, when V8 hashes each `jti`. What is revoked within a turn of the
 * event loop is looked for together.
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
      for (const [index, connection] of (await this.#deps.connectionsOf(target)).entries()) {
        if (revoked.isRevoked(connection.token)) connection.end(CLOSE.tokenRevoked);
        if (index % CONNECTIONS_PER_TURN === CONNECTIONS_PER_TURN - 1) await nextTurn();
      }
    }
  }
}

/** The targets whose connections may have the tokens; null: all. */
function targetsOf(revocations: Iterable<Revocation>): readonly (string | null)[] {
  const targets = Array.from(revocations, (one) => "target" in one ? one.target : null);
  return targets.includes(null) ? [null] : targets;
}
