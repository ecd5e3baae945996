/** RetentionIndex: what a journal keeps within its retention, with a log for each target and one for everyone. */

import type { ByteBudget } from "./byte_budget.ts";
import { TARGET_BYTES } from "./costs.ts";
import { erasedName, Erasures } from "./erasures.ts";
import { LinkedList } from "./linked_list.ts";
import { isEarlier, isLater, merged } from "./merged.ts";
import type { Retention } from "../journal.ts";
import type { EvictionCause } from "../journal_stats.ts";
import { type EntryMeta, type LogNode, TargetLog } from "./target_log.ts";

/**
 * What readers miss by an eviction.
 *
 * - `retention`: it has expired, or it is the oldest of all while there are too many bytes.
 * - `target limit`: it is the oldest of its target, which has too many entries.
 * - `obsolete`: its own `ttl` is over, or a newer entry replaced it. No reader misses it.
 * - `damaged`: it could not be read.
 */
export type EvictionReason = "retention" | "target limit" | "obsolete" | "damaged";

/** Why the index evicts the oldest entry of all, or of a target, and what readers miss by that. */
const REASONS = { expired: "retention", bytes: "retention", target_limit: "target limit" } as const;

export interface RetentionIndexDeps<K> {
  /** Entries and targets spend it. While it is exceeded, the oldest entries of all are evicted. */
  readonly budget: ByteBudget;
  /** Returns the bytes that an entry takes, always the same for the same entry. */
  readonly costOf: (entry: K) => number;
  /** Called for each entry that the index lets go of. */
  readonly onEvict?: (entry: K, reason: EvictionReason) => void;
}

/**
 * What `follow` returns in journals that have a retention index, where it takes effect at once. All calls share one
 * promise, because admission holds on to one for each target.
 */
export const FOLLOWED: Promise<void> = Promise.resolve();

/**
 * For each target, the index knows a sequence number that it calls `completeAfter`: a reader that has read up to it
 * has lost nothing. Each target that has entries or is followed has a number of its own. All others share one, the
 * highest of any of them: it may report a loss where there was none, but never hides one.
 */
export class RetentionIndex<K extends EntryMeta> {
  readonly #perTarget: number;
  readonly #budget: ByteBudget;
  readonly #costOf: (entry: K) => number;
  readonly #onEvict: (entry: K, reason: EvictionReason) => void;
  readonly #byTarget = new Map<string, TargetLog<K>>();
  /** The `completeAfter` of each followed target, for the times when it has no log. */
  readonly #followed = new Map<string, number>();
  readonly #everyone = new TargetLog<K>(null, 0);
  readonly #oldestFirst = new LinkedList<LogNode<K>>();
  readonly #erasures = new Erasures();
  /** The `completeAfter` of all targets that have no log and are not followed. */
  #othersCompleteAfter = 0;
  #size = 0;
  readonly #evicted = { expired: 0, bytes: 0, target_limit: 0, replaced: 0, damaged: 0 };

  constructor(
    { perTarget }: Pick<Retention, "perTarget">,
    { budget, costOf, onEvict = () => {} }: RetentionIndexDeps<K>,
  ) {
    this.#perTarget = perTarget;
    this.#budget = budget;
    this.#costOf = costOf;
    this.#onEvict = onEvict;
  }

  /** The number of entries. */
  get size(): number {
    return this.#size;
  }

  /** The entry that was added first. */
  get oldest(): K | undefined {
    return this.#oldestFirst.first?.entry;
  }

  /** The number of entries that were evicted, by cause. */
  get evicted(): Readonly<Partial<Record<EvictionCause, number>>> {
    return { ...this.#evicted };
  }

  /** Tracks exactly what the target loses. This creates no log, because most followed targets receive nothing. */
  follow(target: string): void {
    this.#followed.set(target, this.#ownCompleteAfter(target));
  }

  unfollow(target: string): void {
    const completeAfter = this.#ownCompleteAfter(target);
    this.#followed.delete(target);
    if (!this.#byTarget.has(target)) this.#keepCompleteAfter(target, completeAfter);
  }

  /** Always true for everyone. */
  isFollowed(target: string | null): boolean {
    return target === null || this.#followed.has(target);
  }

  /** A reader of the target that has read up to this sequence number has lost nothing, of its own or of everyone's. */
  completeAfter(target: string): number {
    return Math.max(this.#ownCompleteAfter(target), this.#everyone.completeAfter);
  }

  /** Records a loss from before this index existed: of one target, or (null) possibly of any. */
  markLost(target: string | null, sequence: number): void {
    if (target === null) this.#othersCompleteAfter = Math.max(this.#othersCompleteAfter, sequence);
    const log = this.#logOf(target);
    log.markLost(sequence);
    this.#deleteIfEmpty(log);
  }

  /**
   * Lets go of the target's entries up to a sequence number, and of its name: readers of the target that have read less
   * have lost something.
   */
  erase(target: string, sequence: number): void {
    this.restoreErasure(erasedName(target), sequence);
    const log = this.#byTarget.get(target);
    for (const entry of [...log?.after(0) ?? []]) {
      const node = entry.sequence > sequence ? undefined : log?.nodeOf(entry.sequence);
      if (node !== undefined) this.#remove(node, "obsolete");
    }
    this.#byTarget.get(target)?.markLost(sequence);
    if (this.#followed.has(target)) this.#followed.set(target, sequence);
  }

  /** Records an erasure from before this index existed, by what stands for the name of the target. */
  restoreErasure(name: string, sequence: number): void {
    this.#erasures.forgetThrough(this.#othersCompleteAfter);
    this.#erasures.add(name, sequence);
  }

  /** Returns the entries of the target and of everyone after a sequence number, in order, expired ones included. */
  after(target: string, sequence: number): Iterable<K> {
    const log = this.#byTarget.get(target);
    if (log === undefined) return this.#everyone.after(sequence);
    if (this.#everyone.isEmpty) return log.after(sequence);
    return merged(log.after(sequence), this.#everyone.after(sequence), isEarlier);
  }

  /** Returns the entry that says what the target has read. */
  markOf(target: string): K | undefined {
    return this.#byTarget.get(target)?.mark?.entry;
  }

  /** Returns the entries of the target and of everyone before a sequence number, newest first, expired ones included. */
  before(target: string, sequence: number): Iterable<K> {
    const log = this.#byTarget.get(target);
    if (log === undefined) return this.#everyone.before(sequence);
    if (this.#everyone.isEmpty) return log.before(sequence);
    return merged(log.before(sequence), this.#everyone.before(sequence), isLater);
  }

  /** Returns the target's or everyone's entry with this sequence number. */
  find(target: string, sequence: number): K | undefined {
    return (this.#byTarget.get(target)?.nodeOf(sequence) ?? this.#everyone.nodeOf(sequence))?.entry;
  }

  /** Adds the newest entry. Evicts the entry that it replaces, and those for which there is no room any more. */
  add(entry: K, now: number): void {
    const log = this.#logOf(entry.target);
    const replaced = entry.mark === null ? log.newestOf(entry.topic) : log.mark;
    this.#oldestFirst.append(log.push(entry)); // before the removal, which deletes a log that becomes empty
    this.#size++;
    if (replaced !== undefined) {
      this.#evicted.replaced++;
      this.#remove(replaced, "obsolete");
    }
    this.#budget.spend(this.#costOf(entry));
    if (log.size > this.#perTarget) this.#evict(log.oldestNotification, "target_limit", now);
    while (this.#budget.isExceeded && this.#oldestFirst.first !== undefined) {
      this.#evict(this.#oldestFirst.first, "bytes", now);
    }
  }

  /** Evicts an entry that could not be read, unless it has been evicted meanwhile. */
  lose(entry: K): void {
    const log = entry.target === null ? this.#everyone : this.#byTarget.get(entry.target);
    const node = log?.nodeOf(entry.sequence);
    if (node === undefined) return;
    this.#evicted.damaged++;
    this.#remove(node, "damaged");
  }

  /**
   * Evicts expired entries, oldest first: at most `max`, so that no caller is held up for long. An entry with a `ttl`
   * of its own stays until all entries before it have expired.
   */
  expire(now: number, max: number): void {
    for (let left = max; left > 0; left--) {
      const { first } = this.#oldestFirst;
      if (first === undefined || first.entry.expiresAt > now) return;
      this.#evict(first, "expired", now);
    }
  }

  /** When a mark is the oldest entry of all, nothing is kept any more that it speaks of, so no reader misses it. */
  #evict(node: LogNode<K> | undefined, cause: keyof typeof REASONS, now: number): void {
    if (node === undefined) return;
    const { hasOwnTtl, expiresAt, mark } = node.entry;
    const isOver = expiresAt <= now;
    this.#evicted[isOver ? "expired" : cause]++;
    this.#remove(node, mark !== null || (hasOwnTtl && isOver) ? "obsolete" : REASONS[cause]);
  }

  #remove(node: LogNode<K>, reason: EvictionReason): void {
    const { entry, log } = node;
    log.remove(node);
    this.#oldestFirst.remove(node);
    this.#size--;
    this.#budget.spend(-this.#costOf(entry));
    if (reason !== "obsolete") log.markLost(entry.sequence);
    this.#onEvict(entry, reason);
    this.#deleteIfEmpty(log);
  }

  #logOf(target: string | null): TargetLog<K> {
    if (target === null) return this.#everyone;
    let log = this.#byTarget.get(target);
    if (log === undefined) {
      this.#byTarget.set(target, log = new TargetLog(target, this.#ownCompleteAfter(target)));
      this.#budget.spend(TARGET_BYTES);
    }
    return log;
  }

  #ownCompleteAfter(target: string): number {
    return this.#byTarget.get(target)?.completeAfter ?? this.#followed.get(target) ??
      Math.max(this.#othersCompleteAfter, this.#erasures.of(target));
  }

  #deleteIfEmpty({ target, isEmpty, completeAfter }: TargetLog<K>): void {
    if (target === null || !isEmpty) return;
    this.#byTarget.delete(target);
    this.#budget.spend(-TARGET_BYTES);
    this.#keepCompleteAfter(target, completeAfter);
  }

  /** Remembers the loss of a target that has no log: by itself while it is followed, otherwise in the shared number. */
  #keepCompleteAfter(target: string, completeAfter: number): void {
    if (this.#followed.has(target)) this.#followed.set(target, completeAfter);
    else if (completeAfter > this.#erasures.of(target)) {
      this.#othersCompleteAfter = Math.max(this.#othersCompleteAfter, completeAfter);
    }
  }
}
