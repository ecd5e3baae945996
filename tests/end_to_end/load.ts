/** Load on a cluster while a test injects a fault: busy publishers, and tabs that roam. */

import { assert, assertEquals } from "@std/assert";
import { eventually } from "../eventually.ts";
import type { Cluster } from "./cluster.ts";
import { countsOf } from "./counts.ts";
import { RoamingTab } from "./roaming_tab.ts";

const TARGETS = ["alexander", "burr", "jefferson"];
const PUBLISHERS = 4;
const TABS_PER_TARGET = 3;
const RETRY_MS = 10;

interface AcceptedNotification {
  /** Null: everyone. */
  readonly target: string | null;
  readonly n: number;
}

export class Load {
  readonly tabs: readonly RoamingTab[];
  /** The number of responses by status; `none` counts requests without a response. */
  readonly statuses = new Map<number | "none", number>();
  readonly #cluster: Cluster;
  readonly #accepted: AcceptedNotification[] = [];
  readonly #publishing: Promise<void>[];
  #isStopped = false;

  private constructor(cluster: Cluster) {
    this.#cluster = cluster;
    const ports = () => cluster.ports;
    this.tabs = TARGETS.flatMap((target) =>
      Array.from({ length: TABS_PER_TARGET }, (_, first) => new RoamingTab(target, { ports, first }))
    );
    this.#publishing = [];
  }

  /** Connects all tabs, and then starts the publishers. */
  static async start(cluster: Cluster): Promise<Load> {
    const load = new Load(cluster);
    await Promise.all(load.tabs.map((tab) => tab.welcomed()));
    for (let publisher = 0; publisher < PUBLISHERS; publisher++) {
      load.#publishing.push(load.#publish(publisher));
    }
    return load;
  }

  /** Resolves when this number of further notifications has been accepted. */
  async waitForAccepted(more: number): Promise<void> {
    const count = this.#accepted.length + more;
    await eventually(() => this.#accepted.length >= count, `${more} accepted notifications`);
  }

  /**
   * Stops the publishers, waits until the tabs have received everything, and asserts that nothing is lost or
   * doubled.
   */
  async finish(fault: string): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#publishing);
    await this.#post({ everyone: true, data: "end", id: "end" });
    await Promise.all(this.tabs.map((tab) => tab.waitFor("end")));
    await Promise.all(this.tabs.map((tab) => tab.stop()));
    const counts = TARGETS.map((target) =>
      countsOf(
        this.tabs.filter((tab) => tab.target === target),
        this.#accepted.filter((one) => (one.target ?? target) === target).map(({ n }) => n),
      )
    );
    console.log(`${fault}; posts by status: ${JSON.stringify(Object.fromEntries(this.statuses))}`);
    console.table(counts);
    for (const { duplicates, lost } of counts) assertEquals([duplicates, lost], [0, 0]);
  }

  async #publish(publisher: number): Promise<void> {
    for (let n = publisher; !this.#isStopped; n += PUBLISHERS) {
      const target = n % 10 === 9 ? null : TARGETS[n % TARGETS.length] ?? null;
      const to = target === null ? { everyone: true } : { target };
      await this.#post({ ...to, data: n, id: `id-${n}` });
      this.#accepted.push({ target, n });
    }
  }

  /** Posts to one node after the other until one accepts. The id makes it safe to repeat the request. */
  async #post(notification: { readonly id: string; readonly data: unknown; readonly [to: string]: unknown }) {
    const body = JSON.stringify(notification);
    for (let attempt = 0;; attempt++) {
      const { ports } = this.#cluster;
      const url = `http://127.0.0.1:${ports[attempt % ports.length]}/v1/notify`;
      const status = await fetch(url, { method: "POST", body })
        .then((response) => response.text().then(() => response.status), () => "none" as const);
      this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
      if (status === 202) return;
      assert(status === "none" || status === 503, `${status}`);
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}
