/** Load on a service of several nodes, while something happens to it: backends that post, and tabs that roam. */

import { assert, assertEquals } from "@std/assert";
import { type Cluster, soon } from "./cluster.ts";
import { countsOf } from "./counts.ts";
import { RoamingTab } from "./roaming_tab.ts";

const TARGETS = ["alexander", "burr", "jefferson"];
const PUBLISHERS = 4;
const TABS = 3; // of each target

/** What a backend posted, and whom it was for; null is everyone. */
interface Posted {
  readonly target: string | null;
  readonly n: number;
}

export class Load {
  readonly tabs: readonly RoamingTab[];
  /** How many posts were answered with what. */
  readonly statuses = new Map<number | "none", number>();
  readonly #cluster: Cluster;
  readonly #accepted: Posted[] = [];
  readonly #publishing: Promise<void>[];
  #stopped = false;

  private constructor(cluster: Cluster) {
    this.#cluster = cluster;
    const ports = () => cluster.ports;
    this.tabs = TARGETS.flatMap((target) =>
      Array.from({ length: TABS }, (_, first) => new RoamingTab(target, { ports, first }))
    );
    this.#publishing = [];
  }

  /** All tabs are there, and the backends have begun. */
  static async on(cluster: Cluster): Promise<Load> {
    const load = new Load(cluster);
    await Promise.all(load.tabs.map((tab) => tab.arrived()));
    for (let name = 0; name < PUBLISHERS; name++) load.#publishing.push(load.#publish(name));
    return load;
  }

  /** Resolves when so many more have been accepted. */
  async accepts(more: number): Promise<void> {
    const count = this.#accepted.length + more;
    while (this.#accepted.length < count) await soon();
  }

  /** Stops the backends, waits until the tabs have everything, and counts, a line a target. */
  async counted(what: string): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#publishing);
    await this.#post({ everyone: true, data: "end", id: "end" });
    await Promise.all(this.tabs.map((tab) => tab.has("end")));
    await Promise.all(this.tabs.map((tab) => tab.stop()));
    const counts = TARGETS.map((target) =>
      countsOf(
        this.tabs.filter((tab) => tab.target === target),
        this.#accepted.filter((one) => (one.target ?? target) === target).map(({ n }) => n),
      )
    );
    console.log(`${what}; posts by status: ${JSON.stringify(Object.fromEntries(this.statuses))}`);
    console.table(counts);
    for (const { duplicates, lost } of counts) assertEquals([duplicates, lost], [0, 0]);
  }

  async #publish(name: number): Promise<void> {
    for (let n = name; !this.#stopped; n += PUBLISHERS) {
      const target = n % 10 === 9 ? null : TARGETS[n % TARGETS.length] ?? null;
      const to = target === null ? { everyone: true } : { target };
      await this.#post({ ...to, data: n, id: `id-${n}` });
      this.#accepted.push({ target, n });
    }
  }

  /** Posts it to one node after the other until it is accepted: it has an id, so it is kept once. */
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
      await soon();
    }
  }
}
