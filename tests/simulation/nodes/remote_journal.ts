/** The journal of a node that reaches the store over a link: it is slow, and not available while the node is isolated. */

import {
  type Draft,
  type Entry,
  type Feed,
  type Journal,
  type Page,
  type PageLimit,
  type Receipt,
  UnavailableError,
} from "../../../src/journal/journal.ts";
import type { JournalStats } from "../../../src/journal/journal_stats.ts";
import type { InboxPage, MarkReceipt, ReadChange } from "../../../src/journal/read.ts";
import type { Position } from "../../../src/wire/position.ts";
import type { Process } from "../runtime/process.ts";
import type { Random } from "../runtime/random.ts";
import type { World } from "../runtime/world.ts";
import type { Store, StoreClient } from "./store.ts";

const REQUEST_MS = 3_000;
const MAX_READ_MS = 300; // of the few reads that are slow

export class RemoteJournal implements Journal, StoreClient {
  readonly process: Process;
  readonly followed = new Set<string>();
  readonly #world: World;
  readonly #store: Store;
  readonly #feed: Feed;
  readonly #random: Random;

  constructor(world: World, { process, store, feed }: { process: Process; store: Store; feed: Feed }) {
    this.#world = world;
    this.process = process;
    this.#store = store;
    this.#feed = feed;
    this.#random = world.random(`journal of ${process.name}`);
    store.connect(this);
  }

  append(drafts: readonly Draft[]): Promise<readonly Receipt[]> {
    return this.#request("append", () => this.#store.journal.append(drafts));
  }

  async follow(target: string): Promise<void> {
    this.followed.add(target);
    try {
      await this.#request("follow", () => this.#store.follow(this, target));
    } catch (error) {
      this.unfollow(target);
      throw error;
    }
  }

  unfollow(target: string): void {
    this.followed.delete(target);
    this.#send("unfollow", () => this.#store.unfollow(this, target));
  }

  read(target: string, after: Position | null, limit: PageLimit): Promise<Page> {
    return this.#request("read", () => this.#store.journal.read(target, after, limit), this.#readMs());
  }

  mark(target: string, change: ReadChange): Promise<MarkReceipt> {
    return this.#request("mark", () => this.#store.journal.mark(target, change));
  }

  inbox(target: string, before: Position | null, limit: PageLimit): Promise<InboxPage> {
    return this.#request("inbox", () => this.#store.journal.inbox(target, before, limit), this.#readMs());
  }

  forget(target: string): Promise<void> {
    return this.#request("forget", () => this.#store.journal.forget(target));
  }

  stats(): JournalStats {
    return this.#store.journal.stats();
  }

  close(): Promise<void> {
    this.#store.disconnect(this);
    return Promise.resolve();
  }

  offer(entry: Entry): void {
    if (entry.target === null || this.followed.has(entry.target)) this.#feed.offer(entry);
  }

  gap(target: string | null): void {
    this.#feed.gap(target);
  }

  #readMs(): number {
    return this.#random.isOneOf(4) ? this.#random.between(0, MAX_READ_MS) : 0;
  }

  #send(label: string, arrive: () => void): void {
    this.#store.links.send(this.process, this.#store.process, { label, arrive });
  }

  /** @param replyMs how long the reply is held up after it was composed */
  #request<T>(label: string, compose: () => Promise<T>, replyMs = 0): Promise<T> {
    const { scheduler } = this.#world;
    return new Promise((resolve, reject) => {
      const expire = () => reject(new UnavailableError(`the store did not answer: ${label}`));
      const timeout = scheduler.after(REQUEST_MS, { label: `no ${label}`, process: this.process }, expire);
      const reply = (arrive: () => void) =>
        this.#store.links.send(this.#store.process, this.process, {
          label: `reply to ${label}`,
          arrive() {
            timeout.isCancelled = true;
            arrive();
          },
        });
      const later = (arrive: () => void) =>
        replyMs === 0
          ? reply(arrive)
          : void scheduler.after(replyMs, { label: "slow read", process: this.#store.process }, () =>
            reply(arrive));
      this.#send(
        label,
        () =>
          void compose().then((value) => later(() => resolve(value)), (error) => later(() => reject(error))),
      );
    });
  }
}
