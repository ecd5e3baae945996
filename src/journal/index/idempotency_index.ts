/** Remembers what publishers sent under ids of their own choice, so that a repeat is known as one. */

import { LinkedList, type ListNode } from "./linked_list.ts";
import type { Draft, Retention } from "../journal.ts";

/** What became of the drafts that were sent under an id. */
interface RememberedId extends ListNode {
  readonly id: string;
  readonly digest: string;
  readonly sentAt: number;
  /** By target: a notification to several is one id, and a part of them may be missing after a failure. */
  readonly places: Map<string | null, EarlierAppend>;
}

/** Where a draft was kept, and until when: milliseconds since 1970. */
export interface EarlierAppend {
  readonly sequence: number;
  readonly expiresAt: number;
}

const MAX_WINDOW_MS = 24 * 60 * 60 * 1000;
const BYTES_PER_ID = 256; // with its digest and its places, roughly
const SHARE_OF_IDS = 1 / 8; // of the bytes, so that ids are bounded as the entries are

export class IdempotencyIndex {
  readonly #sent = new Map<string, RememberedId>();
  readonly #oldestFirst = new LinkedList<RememberedId>();
  readonly #windowMs: number;
  readonly #max: number;
  readonly #forgotten: (sequence: number) => void;

  /** @param forgotten told of each draft that is not remembered any more */
  constructor({ seconds, bytes }: Retention, forgotten: (sequence: number) => void = () => {}) {
    this.#windowMs = Math.min(seconds * 1000, MAX_WINDOW_MS);
    this.#max = Math.ceil(bytes * SHARE_OF_IDS / BYTES_PER_ID);
    this.#forgotten = forgotten;
  }

  /** Where the same was kept before, or a conflict; undefined if the draft is new. */
  find({ id, target, digest }: Draft, now: number): EarlierAppend | "conflict" | undefined {
    if (digest === null) return undefined;
    const sent = this.#sent.get(id);
    if (sent === undefined || sent.sentAt + this.#windowMs <= now) return undefined;
    return sent.digest === digest ? sent.places.get(target) : "conflict";
  }

  /** Remembers what a repeat of the draft is to be told. */
  remember(
    { id, target, digest }: Pick<Draft, "id" | "target" | "digest">,
    { sequence, expiresAt, now }: EarlierAppend & { readonly now: number },
  ): void {
    if (digest === null || this.#windowMs === 0) return;
    let sent = this.#sent.get(id);
    if (sent !== undefined && sent.sentAt + this.#windowMs <= now) {
      this.#forget(sent);
      sent = undefined;
    }
    if (sent === undefined) {
      sent = { id, digest, sentAt: now, places: new Map() };
      this.#sent.set(id, sent);
      this.#oldestFirst.append(sent);
    }
    sent.places.set(target, { sequence, expiresAt });
    if (this.#sent.size > this.#max) this.#forget(this.#oldestFirst.first);
  }

  /** The draft was not kept after all. */
  revoke({ id, target }: Pick<Draft, "id" | "target">): void {
    const sent = this.#sent.get(id);
    sent?.places.delete(target);
    if (sent?.places.size === 0) this.#forget(sent);
  }

  /** Forgets some of the ids whose window is over: at most so many, as this may be called where nothing may take long. */
  expire(now: number, max: number): void {
    for (let left = max; left > 0; left--) {
      const { first } = this.#oldestFirst;
      if (first === undefined || first.sentAt + this.#windowMs > now) return;
      this.#forget(first);
    }
  }

  #forget(sent: RememberedId | undefined): void {
    if (sent === undefined) return;
    this.#oldestFirst.remove(sent);
    this.#sent.delete(sent.id);
    for (const { sequence } of sent.places.values()) this.#forgotten(sequence);
  }
}
