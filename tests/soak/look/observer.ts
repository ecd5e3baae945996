/** Observes the node: samples while it works, and a look at its heap when it rests. */

import { pause } from "../../chaos/load/subscriber.ts";
import { PUBLISHER } from "../../deploy/nodes.ts";
import type { SoakedNode } from "../node/soaked_node.ts";
import { type Census, censusOf } from "./census.ts";
import { parseMetrics, total } from "./gauges.ts";
import { lookAt } from "./process_look.ts";

/** The figures of a node at one moment, by their names in `FIGURES`. */
export type Values = Readonly<Record<string, number>>;

export interface Sample {
  /** Since the beginning of the run. */
  readonly seconds: number;
  readonly values: Values;
}

export interface Heap {
  readonly census: Census;
  /** The snapshot itself, in which what keeps an object alive can be looked for. */
  readonly snapshot: string;
}

/** The gauges of `/metrics` that are figures, by the names of the figures. */
const GAUGES: Readonly<Record<string, string>> = {
  websockets: `connections{transport="websocket"}`,
  eventStreams: `connections{transport="sse"}`,
  targets: "targets",
  behind: "connections_behind",
  slots: "seats_taken",
  publishers: "publisher_sockets",
  feed: "feed_notifications",
  outboxBytes: "outboxes_bytes",
  scheduled: "scheduled",
  journalEntries: "journal_entries",
  journalBytes: "journal_bytes",
  messages: "webhook_backlog",
  presence: "presence_webhook_backlog",
};

/** Some garbage is known as such only after other garbage was collected and the event loop has turned. */
const COLLECTIONS = 3, TURN_MS = 50;

export class Observer implements Disposable {
  readonly samples: Sample[] = [];
  readonly #node: SoakedNode;
  readonly #startedAt = performance.now();
  /** One connection to the node, which is always there. */
  readonly #client = Deno.createHttpClient({ poolMaxIdlePerHost: 1, poolIdleTimeout: false });
  #timer: ReturnType<typeof setInterval> | undefined;
  #sampling: Promise<unknown> = Promise.resolve();

  constructor(node: SoakedNode) {
    this.#node = node;
  }

  /** Takes a sample now and then, until `stop`. */
  start(everyMs: number): void {
    this.#timer = setInterval(() => this.#sampling = this.sample(), everyMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sampling;
  }

  async sample(): Promise<Sample> {
    const metrics = await this.#metrics(), { service, inspector } = this.#node;
    const look = await lookAt(service.pid);
    const { heapUsed, external } = await inspector.evaluate<Values>("Deno.memoryUsage()");
    const gauges = Object.entries(GAUGES).map((
      [figure, name],
    ) => [figure, total(metrics, `tidings_${name}`)]);
    const values = { ...look, heapUsed, external, ...Object.fromEntries(gauges) };
    const sample = { seconds: (performance.now() - this.#startedAt) / 1_000, values };
    this.samples.push(sample);
    return sample;
  }

  /** Collects garbage, and takes a sample with what is known only then. */
  async rest(): Promise<Sample> {
    await this.#collectGarbage();
    const resources = await this.#node.inspector.evaluate<Values>("Deno[Deno.internal].core.resources()");
    const { seconds, values } = await this.sample();
    return { seconds, values: { ...values, resources: Object.keys(resources).length } };
  }

  /** Counts what is left in the heap. */
  async heap(): Promise<Heap> {
    await this.#collectGarbage();
    const snapshot = await this.#node.inspector.heapSnapshot();
    return { snapshot, census: censusOf(snapshot) };
  }

  async cpuSeconds(): Promise<number> {
    return total(await this.#metrics(), "tidings_cpu_seconds_total");
  }

  /** Collects garbage, and counts the objects of a class. */
  async count(className: string): Promise<number> {
    await this.#collectGarbage();
    return await this.#node.inspector.countObjects(className);
  }

  async #metrics(): Promise<ReadonlyMap<string, number>> {
    const url = `${this.#node.service.url}/metrics`;
    return parseMetrics(await (await fetch(url, { headers: PUBLISHER, client: this.#client })).text());
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }

  async #collectGarbage(): Promise<void> {
    for (let n = 0; n < COLLECTIONS; n++) {
      await this.#node.inspector.collectGarbage();
      await pause(TURN_MS);
    }
  }
}
