/** Three real NATS servers that replicate among themselves. */

import { freePort, NatsServer } from "./nats_server.ts";

export class NatsCluster implements AsyncDisposable {
  readonly servers: readonly NatsServer[];

  private constructor(servers: readonly NatsServer[]) {
    this.servers = servers;
  }

  /** Servers that have chosen who leads them. */
  static async started(): Promise<NatsCluster> {
    const routePorts = Array.from({ length: 3 }, freePort);
    const routes = routePorts.map((port) => `"nats://127.0.0.1:${port}"`).join(", ");
    const servers = await Promise.all(routePorts.map((port) =>
      NatsServer.started({
        config: `cluster { name: "c", listen: "127.0.0.1:${port}", routes: [${routes}] }`,
      })
    ));
    const cluster = new NatsCluster(servers);
    await cluster.#hasLeader();
    return cluster;
  }

  /** As `TIDINGS_JOURNAL` has it, this server first. */
  url(first = 0): string {
    const addresses = this.servers.map((_, index) => this.servers[(first + index) % 3]?.address);
    return `nats://${addresses.join(",nats://")}/?replicas=3`;
  }

  /** The server that leads the stream. */
  async leaderOf(stream: string): Promise<NatsServer> {
    const link = await this.servers[0]?.link();
    try {
      const info = await link?.manager.streams.info(stream);
      const leader = this.servers.find(({ port }) => `n${port}` === info?.cluster?.leader);
      if (leader === undefined) throw new Error(`nobody leads ${stream}`);
      return leader;
    } finally {
      await link?.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.servers.map((server) => server[Symbol.asyncDispose]()));
  }

  async #hasLeader(): Promise<void> {
    const has = async (server: NatsServer) => {
      const { meta_cluster } = await server.monitoring<
        { meta_cluster?: { leader?: string; cluster_size: number } }
      >(
        "/jsz",
      );
      return Boolean(meta_cluster?.leader) && meta_cluster?.cluster_size === 3;
    };
    while (!(await Promise.all(this.servers.map(has))).every(Boolean)) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
