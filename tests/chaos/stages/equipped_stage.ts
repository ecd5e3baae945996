/** A stage on top of something that a fault uses, such as a small disk or a wrong clock. */

import type { ServiceProcess } from "../../end_to_end/service_process.ts";
import type { FaultyProxy } from "../../nats/faulty_proxy.ts";
import type { Stage } from "./stage.ts";

export class EquippedStage<E extends AsyncDisposable> implements Stage {
  readonly equipment: E;
  readonly #stage: Stage;

  private constructor(equipment: E, stage: Stage) {
    this.equipment = equipment;
    this.#stage = stage;
  }

  /** If the stage cannot be opened, the equipment is disposed of. */
  static async open<E extends AsyncDisposable>(
    equipment: E,
    openStage: (equipment: E) => Promise<Stage>,
  ): Promise<EquippedStage<E>> {
    try {
      return new EquippedStage(equipment, await openStage(equipment));
    } catch (error) {
      await equipment[Symbol.asyncDispose]();
      throw error;
    }
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
    await this.equipment[Symbol.asyncDispose]();
  }
}
