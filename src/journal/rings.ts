/** Everything that the memory journal keeps: a ring per target and one for everyone, within its retention. */

import { Chain } from "./chain.ts";
import type { Entry, Retention } from "./journal.ts";
import type { Position } from "./position.ts";
import { type Kept, Ring } from "./ring.ts";

export class Rings {
  readonly #retention: Retention;
  readonly #byTarget = new Map<string, Ring>();
  readonly #everyone: Ring;
  readonly #oldestFirst = new Chain<Kept>();
  #bytes = 0;
  #forgottenThrough: Position; // the latest loss that a ring had noted which is gone itself

  constructor(retention: Retention, start: Position) {
    this.#retention = retention;
    this.#forgottenThrough = start;
    this.#everyone = new Ring(null, start);
  }

  /** From now on, what the target loses is known exactly. */
  follow(target: string): void {
    this.#ringOf(target).followed = true;
  }

  unfollow(target: string): void {
    const ring = this.#ringOf(target);
    ring.followed = false;
    this.#forgetIfEmpty(ring);
  }

  /** Of everyone, always. */
  isFollowed(target: string | null): boolean {
    return target === null || this.#byTarget.get(target)?.followed === true;
  }

  /** Whoever has read up to here has missed nothing for the target. Too late rather than too early. */
  lostThrough(target: string): Position {
    const own = this.#byTarget.get(target)?.lostThrough ?? this.#forgottenThrough;
    return own > this.#everyone.lostThrough ? own : this.#everyone.lostThrough;
  }

  /** The entries of the target and of everyone after the position, in order. */
  after(target: string, position: Position): Iterable<Entry> {
    const ring = this.#byTarget.get(target);
    const forAll = this.#everyone.after(position);
    return ring === undefined ? forAll : merged(ring.after(position), forAll);
  }

  /** Adds the newest entry, and lets go of what it replaces and what there is no room for. */
  keep(entry: Entry, now: number): void {
    const ring = this.#ringOf(entry.target);
    const replaced = ring.newestOf(entry.topic);
    if (replaced !== undefined) this.#remove(replaced);
    this.#oldestFirst.append(ring.push(entry));
    this.#bytes += entry.bytes;
    if (ring.size > this.#retention.perTarget) this.#lose(ring.oldest, now);
    while (this.#bytes > this.#retention.bytes) this.#lose(this.#oldestFirst.first, now);
    this.expire(now);
  }

  /** Lets go of what is over; of what is over before its time, when all that came before it is over too. */
  expire(now: number): void {
    while ((this.#oldestFirst.first?.entry.expiresAt ?? Infinity) <= now) {
      this.#lose(this.#oldestFirst.first, now);
    }
  }

  #lose(kept: Kept | undefined, now: number): void {
    if (kept === undefined) return;
    const { expiresAt, isBrief, position } = kept.entry;
    if (!isBrief || expiresAt > now) kept.ring.lose(position);
    this.#remove(kept);
    this.#forgetIfEmpty(kept.ring);
  }

  #remove(kept: Kept): void {
    kept.ring.remove(kept);
    this.#oldestFirst.remove(kept);
    this.#bytes -= kept.entry.bytes;
  }

  #ringOf(target: string | null): Ring {
    if (target === null) return this.#everyone;
    let ring = this.#byTarget.get(target);
    if (ring === undefined) this.#byTarget.set(target, ring = new Ring(target, this.#forgottenThrough));
    return ring;
  }

  #forgetIfEmpty({ target, size, followed, lostThrough }: Ring): void {
    if (target === null || size > 0 || followed) return;
    this.#byTarget.delete(target);
    if (lostThrough > this.#forgottenThrough) this.#forgottenThrough = lostThrough;
  }
}

/** Two sequences, each in the order of positions, as one. */
function* merged(left: Iterator<Entry>, right: Iterator<Entry>): Generator<Entry> {
  let a = left.next(), b = right.next();
  while (!a.done || !b.done) {
    if (b.done || (!a.done && a.value.position < b.value.position)) {
      yield a.value;
      a = left.next();
    } else {
      yield b.value;
      b = right.next();
    }
  }
}
