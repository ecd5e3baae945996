/** The revocations of a worker: the owner of the journal stores them, and tells every worker. */

import { RevocationIndex } from "../revocation/revocation_index.ts";
import {
  EXPIRE_MS,
  type Revocation,
  type Revocations,
  type RevocationsOptions,
  type RevocationStats,
  type TokenIdentity,
} from "../revocation/revocations.ts";
import type { OwnerMethods } from "./owner_methods.ts";
import type { PortCalls } from "./port_calls.ts";

export class RemoteRevocations implements Revocations {
  readonly isCurrent = true;
  readonly #owner: PortCalls<OwnerMethods>;
  readonly #options: RevocationsOptions;
  readonly #index = new RevocationIndex();
  readonly #timer: ReturnType<typeof setInterval>;

  /** @param known what the owner knew when this worker started */
  constructor(owner: PortCalls<OwnerMethods>, known: Iterable<Revocation>, options: RevocationsOptions) {
    this.#owner = owner;
    this.#options = options;
    for (const revocation of known) this.#index.set(revocation);
    this.#timer = setInterval(() => this.#index.expire(options.now()), options.expireMs ?? EXPIRE_MS);
  }

  async add<R extends Revocation>(revocation: R): Promise<R> {
    const added = await this.#owner.call("revoke", revocation);
    this.receive(added);
    return { ...revocation, ...added };
  }

  isRevoked(token: TokenIdentity): boolean {
    return this.#index.isRevoked(token);
  }

  /** Called with what the owner has stored, which comes again if it was added here. */
  receive(revocation: Revocation): void {
    const known = this.#index.get(revocation);
    if (known !== undefined && JSON.stringify(known) === JSON.stringify(revocation)) return;
    this.#index.set(revocation);
    this.#options.onRevoked(revocation);
  }

  stats(): RevocationStats {
    return { kept: this.#index.size, bytes: this.#index.bytes, maxBytes: this.#options.maxBytes };
  }

  close(): Promise<void> {
    clearInterval(this.#timer);
    return Promise.resolve();
  }
}
