/** Several nodes of one service, each a process of its own, with what carries between them. */

import { assert } from "@std/assert";
import { NatsCluster } from "../nats/nats_cluster.ts";
import { NatsServer } from "../nats/nats_server.ts";
import { FaultyProxy } from "../nats/faulty_proxy.ts";
import { ServiceProcess } from "./process.ts";

export const RETENTION = { TIDINGS_RETENTION_PER_TARGET: "1000000" };

/** Where NATS is for each node, and what goes with it. */
interface Backbone extends AsyncDisposable {
  readonly journals: readonly string[];
}

/** One server, with a line to it for each node that can be cut. */
class Lines implements Backbone {
  readonly server: NatsServer;
  readonly wires: readonly FaultyProxy[];

  constructor(server: NatsServer, count: number) {
    this.server = server;
    this.wires = Array.from({ length: count }, () => new FaultyProxy(server.port));
  }

  get journals(): readonly string[] {
    return this.wires.map(({ port }) => `nats://127.0.0.1:${port}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.wires.map((wire) => wire[Symbol.asyncDispose]()));
    await this.server[Symbol.asyncDispose]();
  }
}

/** Three servers, each the first choice of one node. */
class Replicas implements Backbone {
  constructor(readonly servers: NatsCluster) {}

  get journals(): readonly string[] {
    return this.servers.servers.map((_, index) => this.servers.url(index));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.servers[Symbol.asyncDispose]();
  }
}

export class Cluster<B extends Backbone = Backbone> implements AsyncDisposable {
  readonly nats: B;
  readonly #environment: Record<string, string>;
  readonly #nodes: (ServiceProcess | undefined)[] = [];

  private constructor(nats: B, environment: Record<string, string>) {
    this.nats = nats;
    this.#environment = environment;
  }

  /** Nodes on one NATS server. */
  static async started(count = 3, environment: Record<string, string> = {}): Promise<Cluster<Lines>> {
    return await Cluster.#on(new Lines(await NatsServer.started(), count), environment);
  }

  /** Three nodes on three NATS servers. */
  static async replicated(): Promise<Cluster<Replicas>> {
    return await Cluster.#on(new Replicas(await NatsCluster.started()), {});
  }

  static async #on<B extends Backbone>(nats: B, environment: Record<string, string>): Promise<Cluster<B>> {
    const cluster = new Cluster(nats, environment);
    await Promise.all(nats.journals.map((_, index) => cluster.start(index)));
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
    const TIDINGS_JOURNAL = this.nats.journals[index] ?? "";
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
    await this.nats[Symbol.asyncDispose]();
  }
}

/** A moment later, for what has to be asked again and again. */
export function soon(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 10));
}
