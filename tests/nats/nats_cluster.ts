/** A cluster of three real NATS servers for tests. */

import { errors } from "@nats-io/nats-core";
import { retryUntilReady } from "../../src/nats/retry_until_ready.ts";
import { eventually } from "../eventually.ts";
import { FaultyProxy } from "./faulty_proxy.ts";
import type { NatsHost } from "./nats_host.ts";
import { freePort, NatsServer } from "./nats_server.ts";

export class NatsCluster implements AsyncDisposable {
  readonly servers: readonly NatsServer[];
  readonly #proxies: readonly FaultyProxy[];

  private constructor(servers: readonly NatsServer[], proxies: readonly FaultyProxy[] = []) {
    this.servers = servers;
    this.#proxies = proxies;
  }

  /**
   * Resolves when the servers have elected a leader.
   *
   * @param hosts where they run, if not all on this machine's loopback
   */
  static async started(hosts: readonly NatsHost[] = []): Promise<NatsCluster> {
    const routeAddresses = [0, 1, 2].map((n) => `${hosts[n]?.hostname ?? "127.0.0.1"}:${freePort()}`);
    const routes = routeAddresses.map((address) => `"nats://${address}"`).join(", ");
    const servers = await Promise.all(routeAddresses.map((address, n) =>
      NatsServer.started({
        config: `cluster { name: "c", listen: "${address}", routes: [${routes}] }`,
        ...hosts[n] === undefined ? {} : { host: hosts[n] },
      })
    ));
    const cluster = new NatsCluster(servers);
    await cluster.#leaderElected();
    return cluster;
  }

  /**
   * Starts servers whose routes to each other pass through proxies. All know the first server and discover the others
   * through it. A route between two others is restored within 0.1 s.
   */
  static async proxied(): Promise<NatsCluster> {
    const routePorts = Array.from({ length: 3 }, freePort);
    const proxies = routePorts.map((port) => new FaultyProxy(port));
    const servers = await Promise.all(routePorts.map((port, index) => {
      const first = index === 0 ? freePort() : routePorts[0]; // a server needs at least one route
      const advertised = proxies[index]?.port;
      const config = `cluster { name: "c", listen: "127.0.0.1:${port}", advertise: "127.0.0.1:${advertised}",
        routes: ["nats://127.0.0.1:${first}"] }`;
      return NatsServer.started({ config });
    }));
    const cluster = new NatsCluster(servers, proxies);
    await cluster.#leaderElected();
    return cluster;
  }

  /** Breaks the route between the last two servers until the returned disposable is disposed. */
  cutRoute(): Disposable {
    const proxies = this.#proxies.slice(1);
    for (const proxy of proxies) proxy.cut("broken");
    return { [Symbol.dispose]: () => proxies.forEach((proxy) => proxy.heal()) };
  }

  /** The URL for `TIDINGS_JOURNAL`, with the addresses in an order that starts with this server. */
  url(first = 0): string {
    const addresses = this.servers.map((_, index) => this.servers[(first + index) % 3]?.address);
    return `nats://${addresses.join(",nats://")}/?replicas=3`;
  }

  /** Resolves with the server that leads the stream, when there is one. */
  async leaderOf(stream: string): Promise<NatsServer> {
    await using link = await this.servers[0]?.link();
    return await retryUntilReady(async () => {
      const info = await link?.manager.streams.info(stream);
      const leader = this.servers.find(({ port }) => `n${port}` === info?.cluster?.leader);
      if (leader === undefined) throw new errors.TimeoutError();
      return leader;
    });
  }

  /** The server that leads the cluster, which creates streams and consumers. */
  async leader(): Promise<NatsServer> {
    const { meta_cluster } =
      await this.servers[0]?.monitoring<{ meta_cluster?: { leader?: string } }>("/jsz") ?? {};
    const leader = this.servers.find(({ port }) => `n${port}` === meta_cluster?.leader);
    if (leader === undefined) throw new Error("the cluster has no leader");
    return leader;
  }

  /** Makes leaders of the stream step down until the first server does not lead it. */
  async moveLeaderFromFirst(stream: string): Promise<NatsServer> {
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
    await Promise.all(this.#proxies.map((proxy) => proxy[Symbol.asyncDispose]()));
    await Promise.all(this.servers.map((server) => server[Symbol.asyncDispose]()));
  }

  async #leaderElected(): Promise<void> {
    type Status = { meta_cluster?: { leader?: string; cluster_size: number } };
    const isReady = async (server: NatsServer) => {
      const { meta_cluster } = await server.monitoring<Status>("/jsz");
      return Boolean(meta_cluster?.leader) && meta_cluster?.cluster_size === 3;
    };
    await eventually(
      async () => (await Promise.all(this.servers.map(isReady))).every(Boolean),
      "the election of a leader",
    );
  }
}
