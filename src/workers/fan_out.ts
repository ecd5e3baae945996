/** The feed of the journal's owner: hands each entry to the isolates that follow its target. */

import type { Entry, Feed, LateEntries } from "../journal/journal.ts";
import type { Outlet } from "./outlet.ts";

/** The owner's own bit. */
const OWNER = 1;

export class FanOut implements Feed {
  readonly #local: Feed;
  readonly #outlet: Pick<Outlet, "offer" | "gap">;
  /** For each target, a bit for each isolate that follows it. */
  readonly #following = new Map<string, number>();
  #everyone = OWNER;

  /** @param local the feed of the owner's own isolate */
  constructor(local: Feed, outlet: Pick<Outlet, "offer" | "gap">) {
    this.#local = local;
    this.#outlet = outlet;
  }

  join(isolate: number): void {
    this.#everyone |= 1 << isolate;
  }

  /** Returns the targets that nobody follows any more. */
  leave(isolate: number): string[] {
    this.#everyone &= ~(1 << isolate);
    const followed = [...this.#following].filter(([, isolates]) => (isolates & (1 << isolate)) !== 0);
    return followed.map(([target]) => target).filter((target) => this.unfollow(target, isolate));
  }

  follow(target: string, isolate: number): void {
    this.#following.set(target, (this.#following.get(target) ?? 0) | (1 << isolate));
  }

  /** Returns true if nobody follows the target any more. */
  unfollow(target: string, isolate: number): boolean {
    const isolates = (this.#following.get(target) ?? 0) & ~(1 << isolate);
    if (isolates === 0) return this.#following.delete(target);
    this.#following.set(target, isolates);
    return false;
  }

  offer(entry: Entry): boolean {
    const isolates = this.#followersOf(entry.target), others = isolates & ~OWNER;
    if (others !== 0) this.#outlet.offer(entry, others);
    return (isolates & OWNER) === 0 || this.#local.offer(entry);
  }

  gap(target: string | null, late?: LateEntries): void {
    const isolates = this.#followersOf(target), others = isolates & ~OWNER;
    if (others !== 0) this.#outlet.gap(target, others, late);
    if ((isolates & OWNER) !== 0) this.#local.gap(target, late);
  }

  #followersOf(target: string | null): number {
    return target === null ? this.#everyone : this.#following.get(target) ?? 0;
  }
}
