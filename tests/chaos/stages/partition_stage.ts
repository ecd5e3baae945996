/** A stage with three machines, each with a node and a NATS server, in network namespaces. */

import type { ServiceProcess } from "../../end_to_end/service_process.ts";
import type { FaultyProxy } from "../../nats/faulty_proxy.ts";
import { ClusterStage } from "./cluster_stage.ts";
import { Network } from "./network.ts";
import type { Stage } from "./stage.ts";

export class PartitionStage implements Stage {
  readonly network: Network;
  readonly #stage: Stage;

  private constructor(network: Network, stage: Stage) {
    this.network = network;
    this.#stage = stage;
  }

  static async open(): Promise<PartitionStage> {
    const network = await Network.open();
    try {
      return new PartitionStage(network, await ClusterStage.openReplicated(network.hosts));
    } catch (error) {
      await network[Symbol.asyncDispose]();
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
    await this.network[Symbol.asyncDispose]();
  }
}
