/** An owner of a journal and workers that are linked to it, all in the test's own isolate. */

import type { Feed, Journal } from "../../src/journal/journal.ts";
import { NEVER_SEEN } from "../../src/presence/last_seen.ts";
import { memorySubscriptions } from "../../src/push/memory_subscriptions.ts";
import { memoryRevocations } from "../../src/revocation/memory_revocations.ts";
import { memorySchedule } from "../../src/schedule/memory.ts";
import { OwnerLink } from "../../src/workers/owner_link.ts";
import { type OwnedStores, ownerMethods } from "../../src/workers/owner_methods.ts";
import { serveCalls } from "../../src/workers/port_calls.ts";
import { WorkerLink } from "../../src/workers/worker_link.ts";

const MEBIBYTE = 1024 * 1024;

export class LinkedIsolates {
  readonly owner = new OwnerLink();
  readonly #workers: WorkerLink[] = [];
  /** What methods of the owner have thrown. */
  readonly reported: unknown[] = [];
  readonly #ports: MessagePort[] = [];
  readonly #revocations = memoryRevocations({ maxBytes: MEBIBYTE, now: Date.now, onRevoked() {} });
  #stores: OwnedStores | undefined;

  /** Opens the journal of the owner, with stores that a test may replace. Returns the journal as the owner uses it. */
  own(
    create: (feed: Feed) => Journal,
    { local = { offer: () => true, gap() {} }, ...stores }: Partial<OwnedStores> & { local?: Feed } = {},
  ): Journal {
    const journal = this.owner.own(create(this.owner.feed(local)));
    this.#stores = {
      journal,
      schedule: memorySchedule({ maxBytes: MEBIBYTE, now: Date.now }),
      subscriptions: memorySubscriptions({ maxBytes: MEBIBYTE }),
      revocations: this.#revocations,
      lastSeen: NEVER_SEEN,
      presence: null,
      wipe: () => Promise.resolve(),
      countTargets: () => this.owner.countTargets(),
      ...stores,
    };
    return journal;
  }

  /** Links a worker to the owner, which must have opened its journal. */
  join(isolate: number): WorkerLink {
    if (this.#stores === undefined) throw new Error("the owner has no journal");
    const calls = new MessageChannel(), news = new MessageChannel();
    serveCalls(calls.port1, ownerMethods(this.#stores), {
      before: () => this.owner.inlets.takeAllOf(isolate),
      report: (error) => void this.reported.push(error),
    });
    const start = this.owner.prepare(isolate, { port: news.port1, revocations: [] });
    const worker = new WorkerLink(start, { calls: calls.port2, news: news.port2 });
    this.owner.connect(isolate, worker.requests);
    this.#workers.push(worker);
    this.#ports.push(calls.port1);
    return worker;
  }

  close(): void {
    for (const worker of this.#workers) {
      worker.close();
      this.owner.leave(worker.isolate);
    }
    for (const port of this.#ports) port.close();
    this.owner.close();
    void this.#revocations.close();
  }
}
