/** A stage with one node, whose journal is on a small disk of its own. */

import type { ServiceProcess } from "../../end_to_end/service_process.ts";
import { SmallDisk } from "../../end_to_end/small_disk.ts";
import type { FaultyProxy } from "../../nats/faulty_proxy.ts";
import { LocalStage } from "./local_stage.ts";
import type { Stage } from "./stage.ts";

const MEGABYTES = 64;

export class DiskStage implements Stage {
  readonly disk: SmallDisk;
  readonly count = 1;
  readonly #local: LocalStage;

  private constructor(disk: SmallDisk, local: LocalStage) {
    this.disk = disk;
    this.#local = local;
  }

  static async open(): Promise<DiskStage> {
    const disk = await SmallDisk.mount(MEGABYTES);
    if (disk === null) throw new Error("the disk could not be mounted");
    return new DiskStage(disk, await LocalStage.open("sqlite", { folder: `${disk.folder}/node` }));
  }

  get door(): FaultyProxy {
    return this.#local.door;
  }

  node(): ServiceProcess {
    return this.#local.node();
  }

  startNode(): Promise<void> {
    return this.#local.startNode();
  }

  stopNode(index: number, signal: Deno.Signal): Promise<void> {
    return this.#local.stopNode(index, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#local[Symbol.asyncDispose]();
    await this.disk[Symbol.asyncDispose]();
  }
}
