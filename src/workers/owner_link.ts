/** The owner's side of the links to all other isolates. */

import type { Feed, Journal } from "../journal/journal.ts";
import { Bell } from "./bell.ts";
import { FanOut } from "./fan_out.ts";
import type { Inlets } from "./inlets.ts";
import { IsolateLoop } from "./isolate_loop.ts";
import { JournalOwner } from "./journal_owner.ts";
import type { WorkerStart } from "./link.ts";
import { Outlet } from "./outlet.ts";
import type { RingMemory } from "./ring_memory.ts";
import { RingReader } from "./ring_reader.ts";
import { RingWriter } from "./ring_writer.ts";
import { TurnBells } from "./turn_bells.ts";

const RING_BYTES = 8 * 1024 * 1024;

export class OwnerLink {
  readonly #ring = new RingWriter(RING_BYTES);
  readonly #bells = new TurnBells();
  readonly #bell = new Bell();
  readonly #outlet = new Outlet(this.#ring, (isolates) => this.#bells.due(isolates));
  readonly #inlets: Inlets;
  readonly #loop: IsolateLoop;
  readonly #fanOut: FanOut;
  #owner: JournalOwner | undefined;
  readonly running: Promise<void>;

  /** @param local the feed of the owner's own isolate */
  constructor(local: Feed, inlets: Inlets) {
    this.#inlets = inlets;
    this.#loop = new IsolateLoop(this.#bell, inlets);
    this.#fanOut = new FanOut(local, this.#outlet);
    this.running = this.#loop.run();
  }

  /** The feed that the journal offers its entries to. */
  get feed(): Feed {
    return this.#fanOut;
  }

  /** Returns the journal as the owner's own isolate uses it. */
  own(journal: Journal): Journal {
    this.#owner = new JournalOwner({ journal, fanOut: this.#fanOut, outlet: this.#outlet });
    return this.#owner.local;
  }

  /** What an isolate needs in order to be linked. */
  prepare(isolate: number): WorkerStart {
    const bell = new Bell();
    this.#bells.set(isolate, bell);
    this.#fanOut.join(isolate);
    return { isolate, replies: this.#ring.attach(isolate), bell: bell.memory, ownerBell: this.#bell.memory };
  }

  connect(isolate: number, requests: RingMemory): void {
    const reader = new RingReader(requests);
    const take = () => this.#owner?.serve(isolate, reader) ?? false;
    this.#inlets.set(isolate, {
      take,
      get isEmpty() {
        return reader.isEmpty;
      },
    });
    this.#bell.ring();
  }

  leave(isolate: number): void {
    this.#inlets.delete(isolate);
    this.#owner?.leave(isolate);
    this.#ring.detach(isolate);
  }

  close(): void {
    this.#loop.close();
    this.#outlet.close();
  }
}
