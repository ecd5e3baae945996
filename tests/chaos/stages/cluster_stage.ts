/** A stage with several nodes on NATS. */

import { Cluster } from "../../end_to_end/cluster.ts";
import type { ServiceProcess } from "../../end_to_end/service_process.ts";
import { FaultyProxy, type ProxyTarget } from "../../nats/faulty_proxy.ts";
import { type NatsHost, THIS_HOST } from "../../nats/nats_host.ts";
import { NEWER_NATS } from "../../nats/newer_nats.ts";
import { ENVIRONMENT, type Stage } from "./stage.ts";

type SingleCluster = Awaited<ReturnType<typeof Cluster.start>>;
type ReplicatedCluster = Awaited<ReturnType<typeof Cluster.startReplicated>>;

export class ClusterStage<C extends Cluster = Cluster> implements Stage {
  readonly door = new FaultyProxy(() => this.#next());
  readonly count: number;
  readonly cluster: C;
  #connections = 0;

  private constructor(cluster: C) {
    this.cluster = cluster;
    this.count = cluster.running.length;
  }

  /** Opens a stage with one NATS server, which each node reaches through a proxy. */
  static async open(
    count: number,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<ClusterStage<SingleCluster>> {
    return new ClusterStage(await Cluster.start(count, { ...ENVIRONMENT, ...environment }));
  }

  /** Opens a stage with three nodes and three NATS servers. */
  static async openReplicated(
    hosts: readonly NatsHost[] = Array(3).fill(THIS_HOST),
  ): Promise<ClusterStage<ReplicatedCluster>> {
    const newer = hosts.map((host) => ({ ...host, program: NEWER_NATS.path }));
    return new ClusterStage(await Cluster.startReplicated(ENVIRONMENT, newer));
  }

  node(index: number): ServiceProcess {
    return this.cluster.node(index);
  }

  startNode(index: number): Promise<void> {
    return this.cluster.startNode(index);
  }

  stopNode(index: number, signal: Deno.Signal): Promise<void> {
    return this.cluster.stopNode(index, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.door[Symbol.asyncDispose]();
    await this.cluster[Symbol.asyncDispose]();
  }

  #next(): ProxyTarget {
    const { running } = this.cluster;
    const { hostname, port } = running[this.#connections++ % running.length] ??
      { hostname: "127.0.0.1", port: 1 };
    return { hostname, port };
  }
}
