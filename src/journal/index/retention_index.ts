/** What a journal keeps, and for how long: a ring per target and one for everyone, within the retention. */

import { LinkedList } from "./linked_list.ts";
import type { Retention } from "../journal.ts";
import { type EntryMeta, type LogNode, TargetLog } from "./target_log.ts";

/**
 * Why an entry goes. `over`: it is too old, or the oldest where there are too many bytes. `crowded out`: its target
 * has too many. `of no use`: its own `ttl` is over, or a newer one of its topic is there, and nobody has missed it.
 */
export type EvictionReason = "over" | "crowded out" | "of no use";

/** What a journal answers that follows by its rings, at once. One for all, as admission keeps it for each target. */
export const FOLLOWED: Promise<void> = Promise.resolve();

export class RetentionIndex<K extends EntryMeta> {
  readonly #retention: Retention;
  readonly #departed: (kept: K, why: EvictionReason) => void;
  readonly #byTarget = new Map<string, TargetLog<K>>();
  readonly #followed = new Map<string, number>(); // through where each had lost some when it last had no ring
  readonly #everyone = new TargetLog<K>(null, 0);
  readonly #oldestFirst = new LinkedList<LogNode<K>>();
  #bytes = 0;
  #forgottenThrough = 0; // the latest loss that a ring had noted which is gone itself

  /** @param departed told of each entry that goes */
  constructor(retention: Retention, departed: (kept: K, why: EvictionReason) => void = () => {}) {
    this.#retention = retention;
    this.#departed = departed;
  }

  /** From now on, what the target loses is known exactly. It takes no ring: most of the followed get nothing. */
  follow(target: string): void {
    this.#followed.set(target, this.#ownCompleteAfter(target));
  }

  unfollow(target: string): void {
    const completeAfter = this.#ownCompleteAfter(target);
    this.#followed.delete(target);
    if (!this.#byTarget.has(target)) this.#forget(target, completeAfter);
  }

  /** Of everyone, always. */
  isFollowed(target: string | null): boolean {
    return target === null || this.#followed.has(target);
  }

  /** Whoever has read up to here has missed nothing for the target. Too late rather than too early. */
  completeAfter(target: string): number {
    return Math.max(this.#ownCompleteAfter(target), this.#everyone.completeAfter);
  }

  /** Notes what was lost before there were these rings: of one target, or (null) maybe of any. */
  lose(target: string | null, sequence: number): void {
    if (target === null) this.#forgottenThrough = Math.max(this.#forgottenThrough, sequence);
    const ring = this.#ringOf(target);
    ring.lose(sequence);
    this.#forgetIfEmpty(ring);
  }

  /** The entries of the target and of everyone after this place, in order; those that are over are among them. */
  after(target: string, sequence: number): Iterable<K> {
    const ring = this.#byTarget.get(target);
    const forAll = this.#everyone.after(sequence);
    return ring === undefined ? forAll : merged(ring.after(sequence), forAll);
  }

  /** Adds the newest entry, and lets go of what it replaces and what there is no room for. */
  keep(kept: K, now: number): void {
    const ring = this.#ringOf(kept.target);
    const replaced = ring.newestOf(kept.topic);
    this.#oldestFirst.append(ring.push(kept)); // first, or the ring might be empty, and forgotten
    if (replaced !== undefined) this.#remove(replaced, "of no use");
    this.#bytes += kept.bytes;
    if (ring.size > this.#retention.perTarget) this.#drop(ring.oldest, "crowded out", now);
    while (this.#bytes > this.#retention.bytes) this.#drop(this.#oldestFirst.first, "over", now);
  }

  /**
   * Lets go of some that are over, oldest first; of what is over before its time, when all that came before it is
   * over too. At most so many, as this may be called where nothing may take long. True: there are none left.
   */
  expire(now: number, max: number): boolean {
    for (let left = max; left > 0; left--) {
      const { first } = this.#oldestFirst;
      if (first === undefined || first.kept.expiresAt > now) return true;
      this.#drop(first, "over", now);
    }
    return false;
  }

  #drop(place: LogNode<K> | undefined, why: EvictionReason, now: number): void {
    if (place === undefined) return;
    const { hasOwnTtl, expiresAt } = place.kept;
    this.#remove(place, hasOwnTtl && expiresAt <= now ? "of no use" : why);
  }

  #remove(place: LogNode<K>, why: EvictionReason): void {
    const { kept, ring } = place;
    ring.remove(place);
    this.#oldestFirst.remove(place);
    this.#bytes -= kept.bytes;
    if (why !== "of no use") ring.lose(kept.sequence);
    this.#departed(kept, why);
    this.#forgetIfEmpty(ring);
  }

  #ringOf(target: string | null): TargetLog<K> {
    if (target === null) return this.#everyone;
    let ring = this.#byTarget.get(target);
    if (ring === undefined) {
      this.#byTarget.set(target, ring = new TargetLog(target, this.#ownCompleteAfter(target)));
    }
    return ring;
  }

  #ownCompleteAfter(target: string): number {
    return this.#byTarget.get(target)?.completeAfter ?? this.#followed.get(target) ?? this.#forgottenThrough;
  }

  #forgetIfEmpty({ target, size, completeAfter }: TargetLog<K>): void {
    if (target === null || size > 0) return;
    this.#byTarget.delete(target);
    this.#forget(target, completeAfter);
  }

  /** Notes for a target without a ring what it has lost: for it alone if it is followed, else for all the others. */
  #forget(target: string, completeAfter: number): void {
    if (this.#followed.has(target)) this.#followed.set(target, completeAfter);
    else this.#forgottenThrough = Math.max(this.#forgottenThrough, completeAfter);
  }
}

/** Two sequences, each in order, as one. */
function* merged<K extends EntryMeta>(left: Iterator<K>, right: Iterator<K>): Generator<K> {
  let a = left.next(), b = right.next();
  while (!a.done || !b.done) {
    if (b.done || (!a.done && a.value.sequence < b.value.sequence)) {
      yield a.value;
      a = left.next();
    } else {
      yield b.value;
      b = right.next();
    }
  }
}
