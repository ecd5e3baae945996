/** The event queue: what is to happen in a simulation, the earliest first, and in the order of adding at the same time. */

import type { Process } from "./process.ts";

export interface SimEvent {
  /** Milliseconds since the simulation began. */
  at: number;
  readonly order: number;
  /** The process in which it happens. */
  readonly process: Process;
  /** What it is, for the trace. */
  readonly label: string;
  readonly run: () => void;
  isCancelled: boolean;
}

/** A binary heap. */
export class EventQueue {
  readonly #heap: SimEvent[] = [];

  get size(): number {
    return this.#heap.length;
  }

  get first(): SimEvent | undefined {
    return this.#heap[0];
  }

  add(event: SimEvent): void {
    const heap = this.#heap;
    let index = heap.push(event) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1, other = heap[parent];
      if (other === undefined || isBefore(other, event)) break;
      heap[index] = other;
      index = parent;
    }
    heap[index] = event;
  }

  take(): SimEvent | undefined {
    const heap = this.#heap, first = heap[0], last = heap.pop();
    if (last !== undefined && last !== first) this.#sink(last);
    return first;
  }

  /** Yields all events, in no order. */
  *all(): Generator<SimEvent> {
    yield* this.#heap;
  }

  #sink(event: SimEvent): void {
    const heap = this.#heap;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1, one = heap[left], other = heap[left + 1];
      if (one === undefined) break;
      const isRight = other !== undefined && isBefore(other, one), child = isRight ? other : one;
      if (isBefore(event, child)) break;
      heap[index] = child;
      index = isRight ? left + 1 : left;
    }
    heap[index] = event;
  }
}

function isBefore(one: SimEvent, other: SimEvent): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
