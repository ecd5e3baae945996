/** A worker's side of its link to the owner of the journal. */

import type { Feed } from "../journal/journal.ts";
import { Bell } from "./bell.ts";
import { Elsewhere } from "./elsewhere.ts";
import { HealthCell } from "./health_cell.ts";
import { Inlets } from "./inlets.ts";
import { IsolateLoop } from "./isolate_loop.ts";
import type { Said } from "./said.ts";
import { JournalClient } from "./journal_client.ts";
import type { News, SlotCells, WorkerStart } from "./link.ts";
import type { OwnerMethods } from "./owner_methods.ts";
import { PortCalls } from "./port_calls.ts";
import type { RingMemory } from "./ring_memory.ts";
import { RingReader } from "./ring_reader.ts";
import { RingWriter } from "./ring_writer.ts";
import { TurnBells } from "./turn_bells.ts";

const RING_BYTES = 4 * 1024 * 1024;
const OWNER = 0, OWNER_BIT = 1;

/** What a worker does when the owner tells it something. */
export interface NewsHandlers {
  said(message: Said): void;
  revoked(revocation: WorkerStart["revocations"][number]): void;
}

export class WorkerLink {
  readonly isolate: number;
  readonly cells: SlotCells;
  readonly health: HealthCell;
  readonly schedule: SharedArrayBuffer;
  readonly inlets = new Inlets();
  readonly elsewhere: Elsewhere;
  readonly calls: PortCalls<OwnerMethods>;
  /** What the owner reads. */
  readonly requests: RingMemory;
  /** What the owner knew when this worker started. */
  readonly revocations: WorkerStart["revocations"];
  readonly #ring = new RingWriter(RING_BYTES);
  readonly #bells = new TurnBells();
  readonly #replies: RingReader;
  readonly #loop: IsolateLoop;
  readonly #port: MessagePort;
  #journal: JournalClient | undefined;

  constructor(start: WorkerStart, { calls, news }: { calls: MessagePort; news: MessagePort }) {
    this.isolate = start.isolate;
    this.cells = start.cells;
    this.health = new HealthCell(start.health);
    this.revocations = start.revocations;
    this.requests = this.#ring.attach(OWNER);
    this.elsewhere = new Elsewhere((target, connections) =>
      this.#journal?.announce(target, connections) ?? 0
    );
    this.calls = new PortCalls(calls);
    this.#replies = new RingReader(start.replies);
    this.#loop = new IsolateLoop(new Bell(start.bell), this.inlets);
    this.#bells.set(OWNER, new Bell(start.ownerBell));
    this.#port = news;
    this.schedule = start.schedule;
  }

  /** Opens the journal of this isolate, which offers its entries to the feed. */
  journal(feed: Feed): JournalClient {
    const replies = this.#replies;
    const client = this.#journal = new JournalClient({
      feed,
      requests: this.#ring,
      replies,
      owner: this.calls,
      elsewhere: this.elsewhere,
      onWritten: () => this.#bells.due(OWNER_BIT),
    });
    this.inlets.set(OWNER, {
      take: () => client.receive(),
      get isEmpty() {
        return replies.isEmpty;
      },
    });
    void this.#loop.run();
    return client;
  }

  /** The number of targets that have connections on any isolate. */
  async countTargets(): Promise<number> {
    return await this.calls.call("countTargets");
  }

  /** Says something to other isolates. */
  send(message: Said): void {
    this.#port.postMessage(message);
  }

  /** Begins to hear what the owner tells. */
  listen(handlers: NewsHandlers): void {
    this.#port.onmessage = ({ data }: MessageEvent<News>) => {
      switch (data.kind) {
        case "said":
          return handlers.said(data.message);
        case "revoked":
          return handlers.revoked(data.revocation);
        default:
          return data satisfies never;
      }
    };
  }

  close(): void {
    this.#loop.close();
    this.calls.close();
    this.#port.close();
  }
}
