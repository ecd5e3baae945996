/** The scheduler: simulated time, and the one event after the other that happens in it. */

import { EventQueue, type SimEvent } from "./event_queue.ts";
import { Process } from "./process.ts";
import type { Trace } from "./trace.ts";

/** 2030-01-01, when every simulation begins by the clocks of its processes. */
const EPOCH_MS = Date.UTC(2030, 0, 1);

const realTurn = globalThis.setImmediate; // before the simulation replaces it

/** Resolves when the promises that are settled have had all their effects. */
function settlePromises(): Promise<void> {
  return new Promise((resolve) => void realTurn(resolve));
}

export class Scheduler {
  /** What belongs to no process of the service: steps, browsers and publishers. */
  readonly outside = new Process("outside");
  readonly #queue = new EventQueue();
  readonly #trace: Trace;
  readonly #isOver: () => boolean;
  #now = 0;
  #order = 0;
  #running: Process = this.outside;

  /** @param isOver called after each event; nothing more happens when it returns true */
  constructor(trace: Trace, isOver: () => boolean) {
    this.#trace = trace;
    this.#isOver = isOver;
  }

  /** Milliseconds since the simulation began. */
  get now(): number {
    return this.#now;
  }

  /** The process whose event is happening. */
  get running(): Process {
    return this.#running;
  }

  /** Milliseconds since 1970, by the clock of a process. */
  clock({ skewMs }: Process = this.#running): number {
    return Math.floor(EPOCH_MS + this.#now + skewMs);
  }

  /** Has something happen in a process after some milliseconds. */
  after(ms: number, options: EventOptions, run: () => void): SimEvent {
    return this.at(this.#now + ms, options, run);
  }

  /** Has something happen at a time. What was asked for at the same time happens in the order of asking. */
  at(at: number, { label, process = this.#running }: EventOptions, run: () => void): SimEvent {
    const event = { at, order: this.#order++, process, label, run, isCancelled: false };
    this.#queue.add(event);
    return event;
  }

  /** Has something happen in the next turn of the running process's event loop. */
  nextTurn(run: () => void): void {
    const process = this.#running;
    if (process.immediates.push(run) > 1) return;
    this.after(process.turnMs(), { label: "turn", process }, () => this.#turn(process));
  }

  /** Does something in a process now, and resolves when its promises have settled. */
  async act(process: Process, run: () => void): Promise<void> {
    this.#running = process;
    run();
    await settlePromises();
    this.#running = this.outside;
  }

  /** Lets time pass. Resolves early when the simulation is over. */
  async run(ms: number): Promise<void> {
    const until = this.#now + ms;
    for (let event = this.#queue.first; event !== undefined; event = this.#queue.first) {
      if (event.at > until || this.#isOver()) break;
      this.#queue.take();
      await this.#happen(event);
    }
    if (!this.#isOver()) this.#now = until;
  }

  /** The events of a process that are still to happen. */
  pendingOf(process: Process): readonly SimEvent[] {
    return [...this.#queue.all()].filter((event) => event.process === process && !event.isCancelled);
  }

  async #happen(event: SimEvent): Promise<void> {
    const { process } = event;
    if (event.isCancelled || !process.isAlive) return;
    if (process.suspendedUntil > event.at) {
      event.at = process.suspendedUntil;
      this.#queue.add(event);
      return;
    }
    this.#now = Math.max(this.#now, event.at);
    this.#trace.note(process.name, event.label);
    await this.act(process, event.run);
  }

  /** Everything that was asked for by now runs in this turn, each after the promises of the one before. */
  #turn(process: Process): void {
    const [first, ...others] = process.immediates;
    process.immediates = [];
    first?.();
    for (const run of others) this.after(0, { label: "same turn", process }, run);
  }
}

export interface EventOptions {
  readonly label: string;
  readonly process?: Process;
}
