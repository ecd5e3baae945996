/** TargetLog: the entries that a journal keeps for one target, or for everyone, oldest first. */

import type { ListNode } from "./linked_list.ts";
import type { DatedState } from "./read_state.ts";

/** The properties of an entry that decide for how long it is kept. */
export interface EntryMeta {
  /** The entry's number in the order of the journal. */
  readonly sequence: number;
  /** Null: everyone. */
  readonly target: string | null;
  readonly topic: string | null;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** True if the entry's own `ttl` set `expiresAt`. */
  readonly hasOwnTtl: boolean;
  readonly bytes: number;
  /** What the target has read, if the entry is a mark; else null. */
  readonly mark: DatedState | null;
}

/** An entry in the log of its target, and in the list of all entries that the journal keeps. */
export interface LogNode<K extends EntryMeta> extends ListNode {
  readonly entry: K;
  readonly log: TargetLog<K>;
}

export class TargetLog<K extends EntryMeta> {
  #nodes: LogNode<K>[] = [];
  /** Created for the first topic, because most targets have none. */
  #newestOfTopic: Map<string, LogNode<K>> | undefined;
  #mark: LogNode<K> | undefined;
  #completeAfter: number;

  /** @param completeAfter the sequence number up to which entries may have been lost before this log existed */
  constructor(readonly target: string | null, completeAfter: number) {
    this.#completeAfter = completeAfter;
  }

  /** A reader that has read up to this sequence number has lost nothing. */
  get completeAfter(): number {
    return this.#completeAfter;
  }

  /** The entry that says what the target has read. A log has at most one. */
  get mark(): LogNode<K> | undefined {
    return this.#mark;
  }

  get oldestNotification(): LogNode<K> | undefined {
    return this.#nodes[0] === this.#mark ? this.#nodes[1] : this.#nodes[0];
  }

  /** The number of notifications. */
  get size(): number {
    return this.#nodes.length - (this.#mark === undefined ? 0 : 1);
  }

  get isEmpty(): boolean {
    return this.#nodes.length === 0;
  }

  /** Adds the newest entry. */
  push(entry: K): LogNode<K> {
    const node: LogNode<K> = { entry, log: this, previous: undefined, next: undefined }; // the list sets them
    if (this.#nodes.length === 0) this.#nodes = [node]; // most targets have one, and V8 makes room for 17 in a push
    else this.#nodes.push(node);
    if (entry.topic !== null) (this.#newestOfTopic ??= new Map()).set(entry.topic, node);
    if (entry.mark !== null) this.#mark = node;
    return node;
  }

  /** The entry that a new one of this topic replaces. */
  newestOf(topic: string | null): LogNode<K> | undefined {
    return topic === null ? undefined : this.#newestOfTopic?.get(topic);
  }

  /** The node of the entry with this sequence number. */
  nodeOf(sequence: number): LogNode<K> | undefined {
    const node = this.#nodes[this.#indexAfter(sequence) - 1];
    return node?.entry.sequence === sequence ? node : undefined;
  }

  /** Removes a node of this log. */
  remove(node: LogNode<K>): void {
    const { sequence, topic } = node.entry;
    if (node === this.#nodes[0]) this.#nodes.shift();
    else this.#nodes.splice(this.#indexAfter(sequence) - 1, 1);
    if (topic !== null && this.newestOf(topic) === node) this.#newestOfTopic?.delete(topic);
    if (node === this.#mark) this.#mark = undefined;
  }

  /** Records that the entry with this sequence number is lost to readers that have not read it yet. */
  markLost(sequence: number): void {
    if (sequence > this.#completeAfter) this.#completeAfter = sequence;
  }

  /** Yields the entries after a sequence number, oldest first. */
  *after(sequence: number): Generator<K, undefined> {
    for (let index = this.#indexAfter(sequence); index < this.#nodes.length; index++) {
      const node = this.#nodes[index];
      if (node !== undefined) yield node.entry;
    }
  }

  /** Yields the entries before a sequence number, newest first. */
  *before(sequence: number): Generator<K, undefined> {
    for (let index = this.#indexAfter(sequence - 1) - 1; index >= 0; index--) {
      const node = this.#nodes[index];
      if (node !== undefined) yield node.entry;
    }
  }

  /** Binary search for the first node after a sequence number. */
  #indexAfter(sequence: number): number {
    let low = 0, high = this.#nodes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#nodes[middle]?.entry.sequence ?? 0) > sequence) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
