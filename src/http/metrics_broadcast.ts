/** Watching: while anybody looks, all nodes are asked for their metrics every so often, once for all who look. */

import type { Metrics } from "../metrics/metrics.ts";
import type { Nodes } from "../cluster/nodes.ts";

type Bytes = Uint8Array<ArrayBuffer>;
type Viewer = ReadableStreamDefaultController<Bytes>;

/** What a viewer is told: of each node that answered its metrics, and which nodes did not. */
export interface Snapshot {
  readonly nodes: readonly ({ readonly node: string } & Metrics)[];
  readonly silent: readonly string[];
}

export interface MetricsBroadcastDeps {
  readonly nodes: Pick<Nodes, "ask" | "members">;
  /** How often. A node that takes longer for its answer is silent. */
  readonly everyMs: number;
  /** Told what a look failed of. */
  readonly report: (error: unknown) => void;
  /** Aborts when the service begins to stop: all are sent away. */
  readonly stopping: AbortSignal;
}

const MAX_VIEWERS = 64;
const encoder = new TextEncoder();

export class MetricsBroadcast {
  readonly #deps: MetricsBroadcastDeps;
  readonly #viewers = new Set<Viewer>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #isLooking = false;

  constructor(deps: MetricsBroadcastDeps) {
    this.#deps = deps;
    deps.stopping.addEventListener("abort", () => this.#close());
  }

  get isFull(): boolean {
    return this.#viewers.size >= MAX_VIEWERS;
  }

  /** Server-Sent Events, each with a {@linkcode Snapshot}: the first at once, then one every so often. */
  open(): ReadableStream<Bytes> {
    let viewer: Viewer;
    return new ReadableStream<Bytes>({
      start: (controller) => {
        viewer = controller;
        this.#viewers.add(viewer);
        this.#timer ??= setInterval(() => void this.#look(), this.#deps.everyMs);
        void this.#look();
      },
      cancel: () => this.#leave(viewer),
    }, { highWaterMark: 2 });
  }

  /** Never rejects. Who has not read what came before is not told: what is old by then is of no use. */
  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      const event = encoder.encode(`data: ${JSON.stringify(await this.#sight())}\n\n`);
      for (const viewer of this.#viewers) if ((viewer.desiredSize ?? 0) > 0) viewer.enqueue(event);
    } catch (error) {
      this.#deps.report(error);
    } finally {
      this.#isLooking = false;
    }
  }

  async #sight(): Promise<Snapshot> {
    const { nodes, everyMs } = this.#deps;
    const enough = new AbortController();
    const timer = setTimeout(() => enough.abort(), everyMs);
    const answered: Snapshot["nodes"][number][] = [];
    for await (const answer of nodes.ask({ kind: "metrics" }, enough.signal)) {
      if ("value" in answer) answered.push({ node: answer.node, ...answer.value });
    }
    clearTimeout(timer);
    const names = new Set(answered.map(({ node }) => node));
    const silent = nodes.members().map(({ node }) => node).filter((node) => !names.has(node));
    return { nodes: answered.toSorted((a, b) => a.node < b.node ? -1 : 1), silent };
  }

  #leave(viewer: Viewer): void {
    this.#viewers.delete(viewer);
    if (this.#viewers.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #close(): void {
    for (const viewer of this.#viewers) {
      viewer.close();
      this.#leave(viewer);
    }
  }
}
