/** A worker's side of its link to the owner of the journal. */

import type { Feed, Journal } from "../journal/journal.ts";
import { Bell } from "./bell.ts";
import type { Inlets } from "./inlets.ts";
import { IsolateLoop } from "./isolate_loop.ts";
import { JournalClient, type OwnerCalls } from "./journal_client.ts";
import type { WorkerStart } from "./link.ts";
import type { RingMemory } from "./ring_memory.ts";
import { RingReader } from "./ring_reader.ts";
import { RingWriter } from "./ring_writer.ts";
import { TurnBells } from "./turn_bells.ts";

const RING_BYTES = 4 * 1024 * 1024;
const OWNER = 0, OWNER_BIT = 1;

export class WorkerLink {
  readonly #ring = new RingWriter(RING_BYTES);
  readonly #bells = new TurnBells();
  readonly #bell: Bell;
  #loop: IsolateLoop | undefined;
  readonly #replies: RingReader;
  /** What the owner reads. */
  readonly requests: RingMemory;
  readonly isolate: number;
  running: Promise<void> | undefined;
  port: MessagePort | undefined;

  constructor({ isolate, replies, bell, ownerBell }: WorkerStart) {
    this.isolate = isolate;
    this.requests = this.#ring.attach(OWNER);
    this.#replies = new RingReader(replies);
    this.#bell = new Bell(bell);
    this.#bells.set(OWNER, new Bell(ownerBell));
  }

  /** Opens the journal of this isolate, which offers its entries to the feed. */
  journal(feed: Feed, owner: OwnerCalls, inlets: Inlets): Journal {
    const replies = this.#replies;
    const client = new JournalClient({
      feed,
      requests: this.#ring,
      replies,
      owner,
      onWritten: () => this.#bells.due(OWNER_BIT),
    });
    inlets.set(OWNER, {
      take: () => client.receive(),
      get isEmpty() {
        return replies.isEmpty;
      },
    });
    this.#loop = new IsolateLoop(this.#bell, inlets);
    this.running = this.#loop.run();
    return client;
  }

  close(): void {
    this.#loop?.close();
  }
}
