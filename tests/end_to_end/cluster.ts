/** A cluster for tests: several nodes, each in a process of its own, and the NATS servers between them. */

import { assert } from "@std/assert";
import { eventually } from "../eventually.ts";
import { NatsCluster } from "../nats/nats_cluster.ts";
import type { NatsHost } from "../nats/nats_host.ts";
import { NatsServer } from "../nats/nats_server.ts";
import { FaultyProxy } from "../nats/faulty_proxy.ts";
import { ServiceProcess } from "./service_process.ts";

const RETENTION = { TIDINGS_RETENTION_PER_TARGET: "1000000" };

interface NatsBackbone extends AsyncDisposable {
  /** The journal URL of each node. */
  readonly journals: readonly string[];
  /** Where each node runs, if not on this machine's loopback. */
  readonly hosts?: readonly NatsHost[];
}

/** One NATS server, which each node reaches through a proxy that can inject faults. */
class SingleServer implements NatsBackbone {
  readonly server: NatsServer;
  readonly proxies: readonly FaultyProxy[];

  constructor(server: NatsServer, count: number) {
    this.server = server;
    this.proxies = Array.from({ length: count }, () => new FaultyProxy(server.port));
  }

  get journals(): readonly string[] {
    return this.proxies.map(({ port }) => `nats://127.0.0.1:${port}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.proxies.map((proxy) => proxy[Symbol.asyncDispose]()));
    await this.server[Symbol.asyncDispose]();
  }
}

/** Three NATS servers. Each is the first in the URL of one node, and may have a host of its own with that. */
class ReplicatedServers implements NatsBackbone {
  constructor(readonly servers: NatsCluster, readonly hosts: readonly NatsHost[]) {}

  get journals(): readonly string[] {
    return this.servers.servers.map((_, index) => this.servers.url(index));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.servers[Symbol.asyncDispose]();
  }
}

export class Cluster<B extends NatsBackbone = NatsBackbone> implements AsyncDisposable {
  readonly nats: B;
  readonly #environment: Record<string, string>;
  readonly #nodes: (ServiceProcess | undefined)[] = [];

  private constructor(nats: B, environment: Record<string, string>) {
    this.nats = nats;
    this.#environment = environment;
  }

  /** Starts nodes on one NATS server. */
  static async start(count = 3, environment: Record<string, string> = {}): Promise<Cluster<SingleServer>> {
    return await Cluster.#on(new SingleServer(await NatsServer.started(), count), environment);
  }

  /** Starts three nodes on three NATS servers. */
  static async startReplicated(
    environment: Record<string, string> = {},
    hosts: readonly NatsHost[] = [],
  ): Promise<Cluster<ReplicatedServers>> {
    return await Cluster.#on(new ReplicatedServers(await NatsCluster.started(hosts), hosts), environment);
  }

  static async #on<B extends NatsBackbone>(
    nats: B,
    environment: Record<string, string>,
  ): Promise<Cluster<B>> {
    const cluster = new Cluster(nats, environment);
    const starts = await Promise.allSettled(nats.journals.map((_, index) => cluster.startNode(index)));
    const failed = starts.find((start) => start.status === "rejected");
    if (failed === undefined) return cluster;
    await cluster[Symbol.asyncDispose]();
    throw failed.reason;
  }

  /** The ports of the nodes that run. */
  get ports(): readonly number[] {
    return this.running.map(({ port }) => port);
  }

  get running(): readonly ServiceProcess[] {
    return this.#nodes.filter((node) => node !== undefined);
  }

  node(index: number): ServiceProcess {
    const node = this.#nodes[index];
    assert(node !== undefined, `node ${index} does not run`);
    return node;
  }

  async startNode(index: number): Promise<void> {
    const TIDINGS_JOURNAL = this.nats.journals[index] ?? "";
    const host = this.nats.hosts?.[index];
    const environment = { ...RETENTION, ...this.#environment, TIDINGS_JOURNAL };
    this.#nodes[index] = host === undefined
      ? await ServiceProcess.start(environment)
      : await ServiceProcess.start({ ...environment, HOST: host.hostname }, { within: host.within });
  }

  /** Sends a signal to a node, and waits until it has exited. */
  async stopNode(index: number, signal: Deno.Signal): Promise<void> {
    const node = this.node(index);
    node.signal(signal);
    await node.exited();
    this.#nodes[index] = undefined;
  }

  /** Resolves when `/readyz` of a node answers with the status. */
  async waitForReadiness(index: number, status: 200 | 503): Promise<void> {
    await eventually(async () => {
      const response = await fetch(`${this.node(index).url}/readyz`);
      await response.body?.cancel();
      return response.status === status;
    }, `a readiness of ${status} at node ${index}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.running.map((node) => node[Symbol.asyncDispose]()));
    await this.nats[Symbol.asyncDispose]();
  }
}
