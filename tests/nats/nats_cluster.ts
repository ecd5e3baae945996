/** Three real NATS servers that replicate among themselves. */

import { errors } from "@nats-io/nats-core";
import { retryUntilReady } from "../../src/nats/retry_until_ready.ts";
import { freePort, NatsServer } from "./nats_server.ts";
import { Wire } from "./wire.ts";

export class NatsCluster implements AsyncDisposable {
  readonly servers: readonly NatsServer[];
  readonly #wires: readonly Wire[];

  private constructor(servers: readonly NatsServer[], wires: readonly Wire[] = []) {
    this.servers = servers;
    this.#wires = wires;
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

  /**
   * The same, with wires where they connect to each other. All know the first, and find the others through it: a route
   * between those is there again within 0.1 s.
   */
  static async wired(): Promise<NatsCluster> {
    const routePorts = Array.from({ length: 3 }, freePort);
    const wires = routePorts.map((port) => new Wire(port));
    const servers = await Promise.all(routePorts.map((port, index) => {
      const first = index === 0 ? freePort() : routePorts[0]; // one has to be named
      const near = wires[index]?.port;
      const config = `cluster { name: "c", listen: "127.0.0.1:${port}", advertise: "127.0.0.1:${near}",
        routes: ["nats://127.0.0.1:${first}"] }`;
      return NatsServer.started({ config });
    }));
    const cluster = new NatsCluster(servers, wires);
    await cluster.#hasLeader();
    return cluster;
  }

  /** Breaks the route between the last two servers, and leaves it so until the disposable ends it. */
  cutRoute(): Disposable {
    const wires = this.#wires.slice(1);
    for (const wire of wires) wire.cut("broken");
    return { [Symbol.dispose]: () => wires.forEach((wire) => wire.heal()) };
  }

  /** As `TIDINGS_JOURNAL` has it, this server first. */
  url(first = 0): string {
    const addresses = this.servers.map((_, index) => this.servers[(first + index) % 3]?.address);
    return `nats://${addresses.join(",nats://")}/?replicas=3`;
  }

  /** The server that leads the stream, as soon as one does. */
  async leaderOf(stream: string): Promise<NatsServer> {
    await using link = await this.servers[0]?.link();
    return await retryUntilReady(async () => {
      const info = await link?.manager.streams.info(stream);
      const leader = this.servers.find(({ port }) => `n${port}` === info?.cluster?.leader);
      if (leader === undefined) throw new errors.TimeoutError();
      return leader;
    });
  }

  /** The server that leads them all, and makes what is to be made. */
  async leader(): Promise<NatsServer> {
    const { meta_cluster } =
      await this.servers[0]?.monitoring<{ meta_cluster?: { leader?: string } }>("/jsz") ?? {};
    const leader = this.servers.find(({ port }) => `n${port}` === meta_cluster?.leader);
    if (leader === undefined) throw new Error("nobody leads");
    return leader;
  }

  /** Has another server lead the stream, until it is not the first. */
  async leadsNotFirst(stream: string): Promise<NatsServer> {
    for (;;) {
      const leader = await this.leaderOf(stream);
      if (leader !== this.servers[0]) return leader;
      await using link = await leader.link();
      await retryUntilReady(async () =>
        await link.connection.request(`$JS.API.STREAM.LEADER.STEPDOWN.${stream}`)
      );
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#wires.map((wire) => wire[Symbol.asyncDispose]()));
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
