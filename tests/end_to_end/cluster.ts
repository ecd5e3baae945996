/** Several nodes of one service, each a process of its own, with what carries between them. */

import { assert } from "@std/assert";
import { NatsServer } from "../nats/nats_server.ts";
import { Wire } from "../nats/wire.ts";
import { ServiceProcess } from "./process.ts";

export const RETENTION = { TIDINGS_RETENTION_PER_TARGET: "1000000" };

export class Cluster implements AsyncDisposable {
  readonly server: NatsServer;
  /** The line of each node to NATS. */
  readonly wires: readonly Wire[];
  readonly #environment: Record<string, string>;
  readonly #nodes: (ServiceProcess | undefined)[] = [];

  private constructor(server: NatsServer, count: number, environment: Record<string, string>) {
    this.server = server;
    this.wires = Array.from({ length: count }, () => new Wire(server.port));
    this.#environment = environment;
  }

  static async started(count = 3, environment: Record<string, string> = {}): Promise<Cluster> {
    const cluster = new Cluster(await NatsServer.started(), count, environment);
    await Promise.all(cluster.wires.map((_, index) => cluster.start(index)));
    return cluster;
  }

  /** Those that run. */
  get nodes(): readonly ServiceProcess[] {
    return this.#nodes.filter((node) => node !== undefined);
  }

  get ports(): readonly number[] {
    return this.nodes.map(({ port }) => port);
  }

  node(index: number): ServiceProcess {
    const node = this.#nodes[index];
    assert(node !== undefined, `node ${index} does not run`);
    return node;
  }

  async start(index: number): Promise<void> {
    const TIDINGS_JOURNAL = `nats://127.0.0.1:${this.wires[index]?.port}`;
    this.#nodes[index] = await ServiceProcess.started({
      ...RETENTION,
      ...this.#environment,
      TIDINGS_JOURNAL,
    });
  }

  /** Ends a node, with as much notice as the signal gives. */
  async end(index: number, signal: Deno.Signal): Promise<void> {
    const node = this.node(index);
    node.signal(signal);
    await node.ended();
    this.#nodes[index] = undefined;
  }

  /** Resolves when readyz of a node answers so. */
  async isReady(index: number, status: 200 | 503): Promise<void> {
    for (;;) {
      const response = await fetch(`${this.node(index).url}/readyz`);
      await response.body?.cancel();
      if (response.status === status) return;
      await soon();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.nodes.map((node) => node[Symbol.asyncDispose]()));
    await Promise.all(this.wires.map((wire) => wire[Symbol.asyncDispose]()));
    await this.server[Symbol.asyncDispose]();
  }
}

/** A moment later, for what has to be asked again and again. */
export function soon(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 10));
}
