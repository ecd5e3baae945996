/** A cluster of nodes on one NATS server. Each node has a link of its own, and receives presence messages. */

import { NatsLink } from "../../../src/nats/link.ts";
import { parseNatsUrl } from "../../../src/nats/nats_url.ts";
import { decodeToken } from "../../../src/nats/subjects.ts";
import { NatsNodes, type NatsNodesOptions } from "../../../src/cluster/nats/nats_nodes.ts";
import type { NodeAnswer, Nodes, QuestionHandlers, QuestionKind } from "../../../src/cluster/nodes.ts";
import { eventually } from "../../eventually.ts";
import { METRICS } from "../../metrics/sample_metrics.ts";
import { NatsServer } from "../../nats/nats_server.ts";

const STREAM = "tidings";

export class TestCluster implements AsyncDisposable {
  readonly nodes = new Map<string, NatsNodes>();
  readonly reported: unknown[] = [];
  readonly server: NatsServer;
  readonly #links = new Map<string, NatsLink>();

  constructor(server: NatsServer) {
    this.server = server;
  }

  /** Starts a server and nodes `n0`, `n1` and so on, and waits until they know each other. */
  static async start(
    count: number,
    { config = "", ...options }: Partial<NatsNodesOptions> & { config?: string } = {},
  ): Promise<TestCluster> {
    const cluster = new TestCluster(await NatsServer.started({ config }));
    for (let index = 0; index < count; index++) await cluster.join(`n${index}`, options);
    await cluster.hasMembers(count);
    return cluster;
  }

  /** Adds a node. @param port the port of a proxy to NATS; by default, the node connects directly */
  async join(
    node: string,
    { port = this.server.port, ...options }: Partial<NatsNodesOptions> & { port?: number } = {},
  ): Promise<NatsNodes> {
    const url = parseNatsUrl(`nats://127.0.0.1:${port}`);
    if (url === undefined) throw new Error("the NATS URL is invalid");
    const report = (error: unknown) => void this.reported.push(error);
    const link = await NatsLink.open(url, { name: node, retryMs: 5, requestMs: 5_000, report });
    const nodes = new NatsNodes(link, {
      node,
      stream: STREAM,
      connections: () => 0,
      capacity: () => 1_000,
      maxPerTarget: 100,
      report,
      ...options,
    });
    link.connection.subscribe(`${STREAM}.out.t.*.~here`, {
      callback: (_, { subject, data }) =>
        nodes.receivePresence(decodeToken(subject.split(".")[3] ?? ""), data),
    });
    this.nodes.set(node, nodes);
    this.#links.set(node, link);
    return nodes;
  }

  /** The link of a node, over which a test can publish messages that no node would. */
  link(node: string): NatsLink {
    const link = this.#links.get(node);
    if (link === undefined) throw new Error(`there is no node ${node}`);
    return link;
  }

  /** Resolves when every node knows this number of members. */
  async hasMembers(count: number): Promise<void> {
    await eventually(
      () => [...this.nodes.values()].every((nodes) => nodes.members().length === count),
      `every node knows ${count} members`,
    );
  }

  /** Stops a node without a message to the others. */
  async kill(node: string): Promise<void> {
    const link = this.link(node);
    await link.close();
    await this.leave(node);
  }

  async leave(node: string): Promise<void> {
    await this.nodes.get(node)?.close();
    this.nodes.delete(node);
    await this.link(node).close();
    this.#links.delete(node);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const node of [...this.nodes.keys()]) await this.leave(node);
    await this.server[Symbol.asyncDispose]();
  }
}

/** Handlers that answer every question at once. */
export const HANDLERS: QuestionHandlers = {
  connections: () => Promise.resolve([]),
  seen: () => Promise.resolve(null),
  targets: () => Promise.resolve([]),
  disconnect: ({ target }) => Promise.resolve(target.length),
  erase: () => Promise.resolve(null),
  reports: () => Promise.resolve([]),
  acks: () => Promise.resolve(null),
  metrics: () => Promise.resolve(METRICS),
  receive: () => Promise.resolve("not-found"),
};

/** The names of the members that a node knows. */
export function memberNames(nodes: Nodes | undefined): string[] {
  return (nodes?.members() ?? []).map(({ node }) => node);
}

/** All answers, sorted by node. */
export async function all<K extends QuestionKind>(
  answers: AsyncIterable<NodeAnswer<K>> | undefined,
): Promise<NodeAnswer<K>[]> {
  return answers === undefined
    ? []
    : (await Array.fromAsync(answers)).toSorted((a, b) => a.node < b.node ? -1 : 1);
}
