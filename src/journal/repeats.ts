/** Remembers what publishers sent under ids of their own choice, so that a repeat is known as one. */

import { Chain, type Link } from "./chain.ts";
import type { Draft, Receipt } from "./journal.ts";
import type { Position } from "./position.ts";

interface Sent extends Link {
  readonly id: string;
  readonly digest: string;
  readonly rememberedAt: number;
  /** By target: a notification to several is one id, and a part of them may be missing after a failure. */
  readonly receipts: Map<string | null, Receipt>;
}

export class Repeats {
  readonly #sent = new Map<string, Sent>();
  readonly #oldestFirst = new Chain<Sent>();
  readonly #windowMs: number;
  readonly #most: number;

  /** At most so many ids, none for longer than the window. */
  constructor({ windowMs, most }: { windowMs: number; most: number }) {
    this.#windowMs = windowMs;
    this.#most = most;
  }

  /** The receipt of a draft that was sent before, or a conflict; undefined if it is new. */
  find({ id, target, digest }: Draft): Receipt | undefined {
    if (digest === null) return undefined;
    const sent = this.#sent.get(id);
    if (sent === undefined) return undefined;
    if (sent.digest !== digest) return { outcome: "conflict" };
    return sent.receipts.get(target);
  }

  /** Remembers what a repeat of the draft is to be told. */
  remember(
    { id, target, digest }: Draft,
    { position, expiresAt, now }: { position: Position; expiresAt: number; now: number },
  ): void {
    if (digest === null || this.#windowMs === 0) return;
    let sent = this.#sent.get(id);
    if (sent === undefined) {
      sent = { id, digest, rememberedAt: now, receipts: new Map() };
      this.#sent.set(id, sent);
      this.#oldestFirst.append(sent);
    }
    sent.receipts.set(target, { outcome: "repeated", position, expiresAt });
    if (this.#sent.size > this.#most) this.#forgetOldest();
  }

  /** Forgets the ids whose window is over. */
  expire(now: number): void {
    while ((this.#oldestFirst.first?.rememberedAt ?? Infinity) + this.#windowMs <= now) this.#forgetOldest();
  }

  #forgetOldest(): void {
    const oldest = this.#oldestFirst.first;
    if (oldest === undefined) return;
    this.#oldestFirst.remove(oldest);
    this.#sent.delete(oldest.id);
  }
}
