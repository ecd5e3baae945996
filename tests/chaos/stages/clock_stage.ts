/** A stage with one node whose clock can be wrong. */

import type { ServiceProcess } from "../../end_to_end/service_process.ts";
import type { FaultyProxy } from "../../nats/faulty_proxy.ts";
import { openStage } from "./open_stage.ts";
import type { JournalName, Stage } from "./stage.ts";
import { WrongClock } from "./wrong_clock.ts";

export class ClockStage implements Stage {
  readonly clock: WrongClock;
  readonly #stage: Stage;

  private constructor(clock: WrongClock, stage: Stage) {
    this.clock = clock;
    this.#stage = stage;
  }

  static async open(journal: JournalName): Promise<ClockStage> {
    const clock = await WrongClock.create();
    return new ClockStage(clock, await openStage(journal, { environment: clock.environment }));
  }

  get door(): FaultyProxy {
    return this.#stage.door;
  }

  get count(): number {
    return this.#stage.count;
  }

  node(index: number): ServiceProcess {
    return this.#stage.node(index);
  }

  startNode(index: number): Promise<void> {
    return this.#stage.startNode(index);
  }

  stopNode(index: number, signal: Deno.Signal): Promise<void> {
    return this.#stage.stopNode(index, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stage[Symbol.asyncDispose]();
    await this.clock[Symbol.asyncDispose]();
  }
}
