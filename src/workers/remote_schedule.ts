/** The schedule of a worker: what is added or withdrawn goes to the owner of the journal, who alone takes what is due. */

import type { Schedule } from "../schedule/schedule.ts";
import { kindOf } from "../schedule/schedule.ts";
import type { OwnerMethods } from "./owner_methods.ts";
import type { PortCalls } from "./port_calls.ts";
import type { ScheduleCells } from "./schedule_cells.ts";

export class RemoteSchedule implements Schedule {
  readonly #owner: PortCalls<OwnerMethods>;
  readonly #cells: Pick<ScheduleCells, "countsOf">;
  readonly #stopped: Promise<readonly never[]>;

  constructor(
    owner: PortCalls<OwnerMethods>,
    { cells, stopping }: { cells: Pick<ScheduleCells, "countsOf">; stopping: AbortSignal },
  ) {
    this.#owner = owner;
    this.#cells = cells;
    this.#stopped = new Promise((resolve) => stopping.addEventListener("abort", () => resolve([])));
  }

  add(records: Parameters<Schedule["add"]>[0]): ReturnType<Schedule["add"]> {
    return this.#owner.call("addScheduled", records);
  }

  find(key: string): ReturnType<Schedule["find"]> {
    return this.#owner.call("findScheduled", key);
  }

  /** Only the owner knows the keys, so it is asked as long as anything of the kind is not done. */
  has(key: string): boolean {
    return this.#cells.countsOf(kindOf(key)).open > 0;
  }

  waiting(kind: string): number {
    return this.#cells.countsOf(kind).waiting;
  }

  cancel(key: string): ReturnType<Schedule["cancel"]> {
    return this.#owner.call("cancelScheduled", key);
  }

  /** There is never anything to take here. Whoever waits for it gets nothing when the node stops. */
  take(): Promise<readonly never[]> {
    return this.#stopped;
  }

  /** Nothing was taken. */
  finish(): Promise<void> {
    return Promise.resolve();
  }

  release(): Promise<void> {
    return Promise.resolve();
  }

  postpone(): Promise<void> {
    return Promise.resolve();
  }

  forget(): Promise<void> {
    return Promise.resolve();
  }

  /** The owner revises its records when it is asked the same question. */
  revise(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
