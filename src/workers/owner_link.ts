/** The owner's side of the links to all workers. */

import { pause } from "../async/pause.ts";
import type { Feed, Journal } from "../journal/journal.ts";
import type { Revocation } from "../revocation/revocations.ts";
import { Bell } from "./bell.ts";
import { clearCell, createCells } from "./connection_cells.ts";
import { Elsewhere } from "./elsewhere.ts";
import { FanOut } from "./fan_out.ts";
import { HealthCell } from "./health_cell.ts";
import { Inlets } from "./inlets.ts";
import { IsolateLoop } from "./isolate_loop.ts";
import type { Said } from "./said.ts";
import { JournalOwner } from "./journal_owner.ts";
import type { News, WorkerStart } from "./link.ts";
import { Outlet } from "./outlet.ts";
import { PresenceCounts } from "./presence_counts.ts";
import type { RingMemory } from "./ring_memory.ts";
import { RingReader } from "./ring_reader.ts";
import { createScheduleCells } from "./schedule_cells.ts";
import { RingWriter } from "./ring_writer.ts";
import { Switchboard } from "./switchboard.ts";
import { TurnBells } from "./turn_bells.ts";

const RING_BYTES = 8 * 1024 * 1024;
const OWNER = 0;
const POLL_MS = 1;

export class OwnerLink {
  readonly isolate = OWNER;
  readonly cells = { connections: createCells(), publishers: createCells() };
  readonly health = new HealthCell();
  readonly schedule = createScheduleCells();
  readonly inlets = new Inlets();
  readonly switchboard = new Switchboard();
  readonly elsewhere: Elsewhere;
  readonly #ring = new RingWriter(RING_BYTES);
  readonly #bells = new TurnBells();
  readonly #bell = new Bell();
  readonly #outlet = new Outlet(this.#ring, (isolates) => this.#bells.due(isolates));
  readonly #loop = new IsolateLoop(this.#bell, this.inlets);
  readonly #counts: PresenceCounts;
  readonly #ports = new Map<number, MessagePort>();
  #fanOut: FanOut | undefined;
  #owner: JournalOwner | undefined;

  constructor() {
    this.#counts = new PresenceCounts((isolate, target, connections) => {
      if (isolate === OWNER) this.elsewhere.set(target, connections);
      else this.#outlet.elsewhere(isolate, target, connections);
    });
    this.elsewhere = new Elsewhere((target, connections) =>
      this.#counts.set(target, { isolate: OWNER, connections })
    );
  }

  /** Returns the feed that the journal is to offer its entries to. @param local the one of the owner's own isolate */
  feed(local: Feed): Feed {
    return this.#fanOut = new FanOut(local, this.#outlet);
  }

  /** Returns the journal as the owner's own isolate uses it. Call `feed` before. */
  own(journal: Journal): Journal {
    if (this.#fanOut === undefined) throw new Error("the journal has no feed");
    const owner = { journal, fanOut: this.#fanOut, outlet: this.#outlet, counts: this.#counts };
    this.#owner = new JournalOwner(owner);
    void this.#loop.run();
    return this.#owner.local;
  }

  /** Returns what a worker needs in order to be linked. From now on, it is told what is new through the port. */
  prepare(
    isolate: number,
    { port, revocations }: {
      port: MessagePort;
      revocations: Iterable<Revocation>;
    },
  ): WorkerStart {
    const bell = new Bell();
    this.#bells.set(isolate, bell);
    this.#fanOut?.join(isolate);
    this.#ports.set(isolate, port);
    port.onmessage = ({ data }: MessageEvent<Said>) => this.switchboard.send(data);
    this.switchboard.join(isolate, (message) => port.postMessage({ kind: "said", message } satisfies News));
    return {
      isolate,
      replies: this.#ring.attach(isolate),
      bell: bell.memory,
      ownerBell: this.#bell.memory,
      cells: this.cells,
      health: this.health.memory,
      revocations: [...revocations],
      schedule: this.schedule,
    };
  }

  /** Begins to read what a worker writes. */
  connect(isolate: number, requests: RingMemory): void {
    const reader = new RingReader(requests);
    this.inlets.set(isolate, {
      take: () => this.#owner?.serve(isolate, reader) ?? false,
      get isEmpty() {
        return reader.isEmpty;
      },
    });
    this.#bell.ring();
  }

  /** The number of targets that have connections on any isolate. */
  countTargets(): number {
    return this.#counts.size;
  }

  /** Tells all workers. */
  tell(news: News): void {
    for (const port of this.#ports.values()) port.postMessage(news);
  }

  /** Resolves when workers can read everything that was to be written for them, or when the signal aborts. */
  async written(signal: AbortSignal): Promise<void> {
    while (this.#outlet.isBlocked && !signal.aborted) await pause(POLL_MS, signal);
  }

  /** Forgets a worker that has gone. */
  leave(isolate: number): void {
    this.inlets.delete(isolate);
    this.#owner?.leave(isolate);
    this.#ring.detach(isolate);
    this.#ports.get(isolate)?.close();
    this.#ports.delete(isolate);
    this.switchboard.leave(isolate);
    for (const cells of Object.values(this.cells)) clearCell(cells, isolate);
  }

  close(): void {
    this.#loop.close();
    this.#outlet.close();
  }
}
