/** Sends the metrics of all nodes to every open console. The nodes are asked once for all consoles, and only if one is open. */

import type { Nodes } from "../cluster/nodes.ts";
import type { Metrics } from "../metrics/metrics.ts";

type Bytes = Uint8Array<ArrayBuffer>;
type Viewer = ReadableStreamDefaultController<Bytes>;

/** The metrics of each node that answered, and the names of the nodes that did not. */
export interface Snapshot {
  readonly nodes: readonly ({ readonly node: string } & Metrics)[];
  readonly silent: readonly string[];
}

export interface MetricsBroadcastDeps {
  readonly nodes: Pick<Nodes, "ask" | "members">;
  /** The interval between snapshots. A node that takes longer to answer is silent. */
  readonly everyMs: number;
  /** Called with the error if a snapshot fails. */
  readonly report: (error: unknown) => void;
  /** Aborts when the service begins to stop, which ends all streams. */
  readonly stopping: AbortSignal;
}

const MAX_VIEWERS = 64;
const encoder = new TextEncoder();

export class MetricsBroadcast {
  readonly #deps: MetricsBroadcastDeps;
  readonly #viewers = new Set<Viewer>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #isBroadcasting = false;

  constructor(deps: MetricsBroadcastDeps) {
    this.#deps = deps;
    deps.stopping.addEventListener("abort", () => this.#close());
  }

  get isFull(): boolean {
    return this.#viewers.size >= MAX_VIEWERS;
  }

  /** Opens a stream of Server-Sent Events, each with a {@linkcode Snapshot}. The first one is sent at once. */
  open(): ReadableStream<Bytes> {
    let viewer: Viewer;
    return new ReadableStream<Bytes>({
      start: (controller) => {
        viewer = controller;
        this.#viewers.add(viewer);
        this.#timer ??= setInterval(() => void this.#broadcast(), this.#deps.everyMs);
        void this.#broadcast();
      },
      cancel: () => this.#remove(viewer),
    }, { highWaterMark: 2 });
  }

  /** Never rejects. A viewer that has not read the previous events is skipped, because old snapshots are of no use. */
  async #broadcast(): Promise<void> {
    if (this.#isBroadcasting) return;
    this.#isBroadcasting = true;
    try {
      const event = encoder.encode(`data: ${JSON.stringify(await this.#snapshot())}\n\n`);
      for (const viewer of this.#viewers) if ((viewer.desiredSize ?? 0) > 0) viewer.enqueue(event);
    } catch (error) {
      this.#deps.report(error);
    } finally {
      this.#isBroadcasting = false;
    }
  }

  async #snapshot(): Promise<Snapshot> {
    const { nodes, everyMs } = this.#deps;
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), everyMs);
    const answered: Snapshot["nodes"][number][] = [];
    for await (const answer of nodes.ask({ kind: "metrics" }, timeout.signal)) {
      if ("value" in answer) answered.push({ node: answer.node, ...answer.value });
    }
    clearTimeout(timer);
    const names = new Set(answered.map(({ node }) => node));
    const silent = nodes.members().map(({ node }) => node).filter((node) => !names.has(node));
    return { nodes: answered.toSorted((a, b) => a.node < b.node ? -1 : 1), silent };
  }

  #remove(viewer: Viewer): void {
    this.#viewers.delete(viewer);
    if (this.#viewers.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #close(): void {
    for (const viewer of this.#viewers) {
      viewer.close();
      this.#remove(viewer);
    }
  }
}
