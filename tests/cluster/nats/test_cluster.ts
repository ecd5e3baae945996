/** Nodes on one NATS server, each with a link of its own, and what each of them hears of targets. */

import { NatsLink } from "../../../src/nats/link.ts";
import { parseNatsUrl } from "../../../src/nats/nats_url.ts";
import { decodeToken } from "../../../src/nats/subjects.ts";
import { NatsNodes, type NatsNodesOptions } from "../../../src/cluster/nats/nats_nodes.ts";
import type { NodeAnswer, Nodes, QuestionHandlers, QuestionKind } from "../../../src/cluster/nodes.ts";
import { eventually } from "../../eventually.ts";
import { METRICS } from "../../metrics/sample_metrics.ts";
import { NatsServer } from "../../nats/nats_server.ts";

const STREAM = "tidings";

export class Neighbourhood implements AsyncDisposable {
  readonly nodes = new Map<string, NatsNodes>();
  readonly reported: unknown[] = [];
  readonly server: NatsServer;
  readonly #links = new Map<string, NatsLink>();

  constructor(server: NatsServer) {
    this.server = server;
  }

  /** So many nodes that know each other: `n0`, `n1` and so on. */
  static async of(
    count: number,
    { config = "", ...options }: Partial<NatsNodesOptions> & { config?: string } = {},
  ): Promise<Neighbourhood> {
    const neighbourhood = new Neighbourhood(await NatsServer.started({ config }));
    for (let index = 0; index < count; index++) await neighbourhood.join(`n${index}`, options);
    await neighbourhood.know(count);
    return neighbourhood;
  }

  /** Adds a node. @param port where it reaches NATS, if not directly */
  async join(
    node: string,
    { port = this.server.port, ...options }: Partial<NatsNodesOptions> & { port?: number } = {},
  ): Promise<NatsNodes> {
    const place = parseNatsUrl(`nats://127.0.0.1:${port}`);
    if (place === undefined) throw new Error("no place");
    const report = (error: unknown) => void this.reported.push(error);
    const link = await NatsLink.open(place, { name: node, retryMs: 5, requestMs: 5_000, report });
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
      callback: (_, { subject, data }) => nodes.heard(decodeToken(subject.split(".")[3] ?? ""), data),
    });
    this.nodes.set(node, nodes);
    this.#links.set(node, link);
    return nodes;
  }

  /** The link of a node, over which tests can say what no node would. */
  link(node: string): NatsLink {
    const link = this.#links.get(node);
    if (link === undefined) throw new Error(`there is no ${node}`);
    return link;
  }

  /** When each node knows of so many. */
  async know(count: number): Promise<void> {
    await eventually(() => [...this.nodes.values()].every((nodes) => nodes.members().length === count));
  }

  /** Ends a node without a word to the others. */
  async kill(node: string): Promise<void> {
    const link = this.link(node);
    await link.close();
    await this.leave(node);
  }

  /** Has a node go. */
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

/** Has every question answered at once. */
export const ANSWERS: QuestionHandlers = {
  connections: () => Promise.resolve([]),
  disconnect: ({ target }) => Promise.resolve(target.length),
  reports: () => Promise.resolve([]),
  acks: () => Promise.resolve(null),
  metrics: () => Promise.resolve(METRICS),
  received: () => Promise.resolve("not here"),
};

/** Who is there, as a node knows it. */
export function names(nodes: Nodes | undefined): string[] {
  return (nodes?.members() ?? []).map(({ node }) => node);
}

/** The answers to what it was asked, in the order of the nodes' names. */
export async function all<K extends QuestionKind>(
  asked: AsyncIterable<NodeAnswer<K>> | undefined,
): Promise<NodeAnswer<K>[]> {
  return asked === undefined
    ? []
    : (await Array.fromAsync(asked)).toSorted((a, b) => a.node < b.node ? -1 : 1);
}
