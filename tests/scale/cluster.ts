/** The service under scale: nodes with the command of `deno task start`, and one NATS server. */

import { cpuSeconds, residentBytes } from "../bench/load/usage.ts";
import { freePort, NatsServer } from "../nats/nats_server.ts";
import { ServiceProcess } from "../end_to_end/service_process.ts";
import { MAX_TABS_PER_PROCESS } from "./open_files.ts";

/** What the processes have used so far. */
export interface Usage {
  /** The resident memory of all nodes, and of NATS. */
  readonly nodeBytes: number;
  readonly natsBytes: number;
  /** The CPU time of all nodes that run, and of NATS. */
  readonly nodeSeconds: number;
  readonly natsSeconds: number;
  readonly subscriptions: number;
}

export class ScaledCluster implements AsyncDisposable {
  readonly ports: readonly number[];
  readonly #nats: NatsServer;
  readonly #nodes: (ServiceProcess | undefined)[] = [];

  private constructor(nats: NatsServer, count: number) {
    this.#nats = nats;
    this.ports = Array.from({ length: count }, freePort);
  }

  /** Resolves when all nodes listen. */
  static async start(count: number): Promise<ScaledCluster> {
    const cluster = new ScaledCluster(await NatsServer.started(), count);
    const starts = await Promise.allSettled(cluster.ports.map((_, index) => cluster.startNode(index)));
    const failed = starts.find((start) => start.status === "rejected");
    if (failed === undefined) return cluster;
    await cluster[Symbol.asyncDispose]();
    throw failed.reason;
  }

  get urls(): readonly string[] {
    return this.#running.map(({ url }) => url);
  }

  /** Starts a node, or its successor on the same port. */
  async startNode(index: number): Promise<void> {
    this.#nodes[index] = await ServiceProcess.start({
      PORT: `${this.ports[index]}`,
      TIDINGS_JOURNAL: this.#nats.url(),
      TIDINGS_MAX_CONNECTIONS: `${MAX_TABS_PER_PROCESS}`,
    });
  }

  async killNode(index: number): Promise<void> {
    const node = this.#nodes[index];
    this.#nodes[index] = undefined;
    node?.signal("SIGKILL");
    await node?.exited();
  }

  async usage(): Promise<Usage> {
    const sum = (value: (pid: number) => number | null) =>
      this.#running.reduce((total, { pid }) => total + (value(pid) ?? NaN), 0);
    const { subscriptions } = await this.#nats.monitoring<{ subscriptions: number }>("/varz");
    return {
      nodeBytes: sum(residentBytes),
      natsBytes: residentBytes(this.#nats.pid) ?? NaN,
      nodeSeconds: sum(cpuSeconds),
      natsSeconds: cpuSeconds(this.#nats.pid) ?? NaN,
      subscriptions,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#running.map((node) => node[Symbol.asyncDispose]()));
    await this.#nats[Symbol.asyncDispose]();
  }

  get #running(): readonly ServiceProcess[] {
    return this.#nodes.filter((node) => node !== undefined);
  }
}
