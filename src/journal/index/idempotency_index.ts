/** IdempotencyIndex: remembers the ids that publishers chose, so that a repeat is recognised. */

import type { ByteBudget } from "./byte_budget.ts";
import { APPEND_BYTES, ID_BYTES } from "./costs.ts";
import { erasedName } from "./erasures.ts";
import { LinkedList, type ListNode } from "./linked_list.ts";
import type { Draft, Retention } from "../journal.ts";

/** An id, and what was appended under it. */
interface RememberedId extends ListNode {
  readonly id: string;
  readonly digest: string;
  /** Milliseconds since 1970. */
  readonly sentAt: number;
  /** By target: after a failure, only some targets of a notification may have been appended. */
  readonly appends: Map<string | null, EarlierAppend>;
  /** The bytes that it takes, with its appends. */
  bytes: number;
}

/** Where an earlier draft was kept. */
export interface EarlierAppend {
  readonly sequence: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** An append as it is remembered. */
export interface RememberedAppend extends EarlierAppend, Pick<RememberedId, "id" | "digest" | "sentAt"> {
  readonly target: string | null;
}

const MAX_WINDOW_MS = 24 * 60 * 60 * 1000;
const SHARE_OF_IDS = 1 / 4; // of the retention's bytes, so that entries have the rest for certain

export interface IdempotencyIndexDeps {
  /** Ids spend it as well, up to their share. */
  readonly budget: ByteBudget;
  /** Called with the sequence number of each append that is no longer remembered. */
  readonly onForget?: (sequence: number) => void;
}

export class IdempotencyIndex {
  readonly #byId = new Map<string, RememberedId>();
  readonly #oldestFirst = new LinkedList<RememberedId>();
  readonly #windowMs: number;
  readonly #maxBytes: number;
  readonly #budget: ByteBudget;
  readonly #onForget: (sequence: number) => void;
  #hasErased = false; // a target, whose appends are under what stands for its name
  #bytes = 0;

  constructor({ seconds, bytes }: Retention, { budget, onForget = () => {} }: IdempotencyIndexDeps) {
    this.#windowMs = Math.min(seconds * 1000, MAX_WINDOW_MS);
    this.#maxBytes = bytes * SHARE_OF_IDS;
    this.#budget = budget;
    this.#onForget = onForget;
  }

  /** Returns where the same content was kept before, or a conflict. It is undefined if the draft is new. */
  find({ id, target, digest }: Draft, now: number): EarlierAppend | "conflict" | undefined {
    if (digest === null) return undefined;
    const known = this.#byId.get(id);
    if (known === undefined || known.sentAt + this.#windowMs <= now) return undefined;
    if (known.digest !== digest) return "conflict";
    return known.appends.get(target) ?? this.#erasedAppend(known, target);
  }

  /** Remembers a draft that is being kept, unless its id was generated. */
  remember(
    { id, target, digest }: Pick<Draft, "id" | "target" | "digest">,
    { sequence, expiresAt, now }: EarlierAppend & { readonly now: number },
  ): void {
    if (digest === null || this.#windowMs === 0) return;
    let known = this.#byId.get(id);
    if (known !== undefined && known.sentAt + this.#windowMs <= now) {
      this.#forget(known);
      known = undefined;
    }
    if (known === undefined) {
      known = { id, digest, sentAt: now, appends: new Map(), bytes: 0 };
      this.#byId.set(id, known);
      this.#oldestFirst.append(known);
      this.#spend(known, ID_BYTES + id.length);
    }
    if (!known.appends.has(target)) this.#spend(known, bytesOfAppend(target));
    known.appends.set(target, { sequence, expiresAt });
    while (this.#bytes > this.#maxBytes && this.#oldestFirst.first !== known) {
      this.#forget(this.#oldestFirst.first);
    }
  }

  /** Call this if an append of an erased target is remembered that was stored before this index existed. */
  noteErased(): void {
    this.#hasErased = true;
  }

  /**
   * Remembers the appends of a target under what stands for its name from now on. Returns those as they are remembered
   * now.
   */
  erase(target: string): RememberedAppend[] {
    const name = erasedName(target), erased: RememberedAppend[] = [];
    for (const known of this.#byId.values()) {
      const append = known.appends.get(target), { id, digest, sentAt } = known;
      if (append === undefined) continue;
      this.#hasErased = true;
      known.appends.delete(target);
      known.appends.set(name, append);
      this.#spend(known, bytesOfAppend(name) - bytesOfAppend(target));
      erased.push({ id, digest, sentAt, target: name, ...append });
    }
    return erased;
  }

  #erasedAppend({ appends }: RememberedId, target: string | null): EarlierAppend | undefined {
    return this.#hasErased && target !== null ? appends.get(erasedName(target)) : undefined;
  }

  /** Reverts `remember` for a draft that could not be stored. */
  revoke({ id, target }: Pick<Draft, "id" | "target">): void {
    const known = this.#byId.get(id);
    if (known?.appends.delete(target)) this.#spend(known, -bytesOfAppend(target));
    if (known?.appends.size === 0) this.#forget(known);
  }

  /** Forgets ids whose window is over, oldest first. At most `max`, so that no caller is held up for long. */
  expire(now: number, max: number): void {
    for (let left = max; left > 0; left--) {
      const { first } = this.#oldestFirst;
      if (first === undefined || first.sentAt + this.#windowMs > now) return;
      this.#forget(first);
    }
  }

  #forget(known: RememberedId | undefined): void {
    if (known === undefined) return;
    this.#oldestFirst.remove(known);
    this.#byId.delete(known.id);
    this.#spend(known, -known.bytes);
    for (const { sequence } of known.appends.values()) this.#onForget(sequence);
  }

  #spend(known: RememberedId, bytes: number): void {
    known.bytes += bytes;
    this.#bytes += bytes;
    this.#budget.spend(bytes);
  }
}

function bytesOfAppend(target: string | null): number {
  return APPEND_BYTES + (target?.length ?? 0);
}
