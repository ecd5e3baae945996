/** A stage with one node, whose journal is in memory or in a file of a folder. */

import { ServiceProcess } from "../../end_to_end/service_process.ts";
import { FaultyProxy } from "../../nats/faulty_proxy.ts";
import { ENVIRONMENT, type Stage } from "./stage.ts";

export class LocalStage implements Stage {
  readonly door = new FaultyProxy(() => ({ hostname: "127.0.0.1", port: this.#port }));
  readonly count = 1;
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  #node: ServiceProcess | undefined;

  private constructor(folder: string, environment: Readonly<Record<string, string>>) {
    this.folder = folder;
    this.environment = { ...ENVIRONMENT, ...environment };
  }

  /** @param options.folder where the file is; omitted: a new folder, which is removed at the end */
  static async open(
    journal: "memory" | "sqlite",
    { environment = {}, folder }: { environment?: Readonly<Record<string, string>>; folder?: string } = {},
  ): Promise<LocalStage> {
    const place = folder ?? await Deno.makeTempDir();
    const TIDINGS_JOURNAL = journal === "memory" ? "memory:" : `sqlite:${place}/journal.db`;
    const stage = new LocalStage(place, { TIDINGS_JOURNAL, ...environment });
    await stage.startNode();
    return stage;
  }

  node(): ServiceProcess {
    if (this.#node === undefined) throw new Error("the node does not run");
    return this.#node;
  }

  async startNode(): Promise<void> {
    this.#node = await ServiceProcess.start(this.environment, { folder: this.folder });
  }

  async stopNode(_index: number, signal: Deno.Signal): Promise<void> {
    const node = this.node();
    node.signal(signal);
    await node.exited();
    this.#node = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.door[Symbol.asyncDispose]();
    await this.#node?.[Symbol.asyncDispose]();
    await Deno.remove(this.folder, { recursive: true });
  }

  /** Without a node, nothing listens on port 1. */
  get #port(): number {
    return this.#node?.port ?? 1;
  }
}
