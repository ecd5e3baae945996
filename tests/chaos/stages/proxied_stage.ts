/** A stage behind nginx, with the configuration that the project ships. */

import { NGINX } from "../../deploy/programs.ts";
import { Proxy } from "../../deploy/proxy.ts";
import type { ServiceProcess } from "../../end_to_end/service_process.ts";
import { FaultyProxy } from "../../nats/faulty_proxy.ts";
import { openStage } from "./open_stage.ts";
import type { JournalName, Stage } from "./stage.ts";

/** The shipped configuration has three nodes; one of them may take all three places. */
const PLACES = 3;

export class ProxiedStage implements Stage {
  readonly door = new FaultyProxy(() => ({ hostname: "127.0.0.1", port: this.#proxy?.port ?? 1 }));
  readonly #stage: Stage;
  #proxy: Proxy | undefined;

  private constructor(stage: Stage) {
    this.#stage = stage;
  }

  static async open(journal: JournalName): Promise<ProxiedStage> {
    const stage = new ProxiedStage(await openStage(journal, { nodes: PLACES }));
    await stage.startProxy();
    return stage;
  }

  get publisherDoor(): FaultyProxy {
    return this.#stage.door;
  }

  get count(): number {
    return this.#stage.count;
  }

  async startProxy(): Promise<void> {
    const ports = Array.from({ length: PLACES }, (_, n) => this.node(n % this.count).port);
    this.#proxy = await Proxy.start(NGINX, ports);
  }

  async stopProxy(): Promise<void> {
    const proxy = this.#proxy;
    this.#proxy = undefined;
    await proxy?.[Symbol.asyncDispose]();
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
    await this.door[Symbol.asyncDispose]();
    await this.stopProxy();
    await this.#stage[Symbol.asyncDispose]();
  }
}
