/** The store: a memory journal in a process of its own, which several nodes reach over links, as they would reach NATS. */

import type { Entry } from "../../../src/journal/journal.ts";
import { MemoryJournal } from "../../../src/journal/memory.ts";
import type { Links } from "../network/links.ts";
import { Process } from "../runtime/process.ts";
import type { World } from "../runtime/world.ts";
import { RecordedJournal } from "./recorded_journal.ts";

/** A node, as the store knows it. */
export interface StoreClient {
  readonly process: Process;
  /** The targets that it follows. */
  readonly followed: ReadonlySet<string>;
  offer(entry: Entry): void;
  gap(target: string | null): void;
}

export class Store {
  readonly process = new Process("store");
  readonly journal: RecordedJournal;
  readonly links: Links;
  /** By client, the targets whose entries it is sent. */
  readonly #followers = new Map<StoreClient, Set<string>>();

  constructor(world: World, links: Links) {
    this.links = links;
    const feed = { offer: (entry: Entry) => this.#offer(entry), gap: () => {} };
    const now = () => world.scheduler.clock(this.process);
    this.journal = new RecordedJournal(new MemoryJournal(feed, world.setting.retention, now), world);
  }

  connect(client: StoreClient): void {
    this.#followers.set(client, new Set());
  }

  disconnect(client: StoreClient): void {
    const targets = this.#followers.get(client) ?? [];
    this.#followers.delete(client);
    for (const target of targets) this.#unfollowIfUnused(target);
  }

  async follow(client: StoreClient, target: string): Promise<void> {
    const targets = this.#followers.get(client);
    if (targets === undefined) return; // the client has gone meanwhile
    targets.add(target);
    await this.journal.follow(target);
  }

  unfollow(client: StoreClient, target: string): void {
    this.#followers.get(client)?.delete(target);
    this.#unfollowIfUnused(target);
  }

  /** A client that was isolated follows again what it followed, and learns that it may have missed something. */
  reconnect(client: StoreClient): void {
    this.disconnect(client);
    this.#followers.set(client, new Set(client.followed));
    for (const target of client.followed) this.journal.follow(target);
    this.links.send(this.process, client.process, { label: "a gap", arrive: () => client.gap(null) });
  }

  #offer(entry: Entry): boolean {
    for (const [client, targets] of this.#followers) {
      if (entry.target !== null && !targets.has(entry.target)) continue;
      const arrive = () => client.offer(entry);
      this.links.send(this.process, client.process, { label: `entry ${entry.position}`, arrive });
    }
    return true;
  }

  #unfollowIfUnused(target: string): void {
    if ([...this.#followers.values()].every((targets) => !targets.has(target))) {
      this.journal.unfollow(target);
    }
  }
}
