/** Holds live connections to receiving what nobody keeps: a notification with a `ttl` of 0. */

import type { Tab } from "../clients/tab.ts";
import type { TabConnection } from "../clients/tab_connection.ts";
import type { Links } from "../network/links.ts";
import type { World } from "../runtime/world.ts";
import type { LedgerEntry } from "./ledger.ts";

interface Expectation {
  readonly entry: LedgerEntry;
  readonly tab: Tab;
  readonly connection: TabConnection;
}

const CALM_MS = 2_000; // a connection that was welcomed as long ago, and has everything, is live

export class LiveCheck {
  readonly #world: World;
  readonly #tabs: readonly Tab[];
  readonly #links: Links;
  #expectations: Expectation[] = [];

  constructor(world: World, { tabs, links }: { readonly tabs: readonly Tab[]; readonly links: Links }) {
    this.#world = world;
    this.#links = links;
    this.#tabs = tabs;
    world.ledger.onAdd = (entry) => this.#expect(entry);
  }

  /** Checks what was expected long enough ago. */
  check(minAgeMs: number): void {
    const { now } = this.#world, all = this.#expectations;
    this.#expectations = all.filter(({ entry }) => entry.acceptedAt > now - minAgeMs);
    for (const one of all) if (one.entry.acceptedAt <= now - minAgeMs) this.#checkOne(one);
  }

  #checkOne({ entry: { draft, position, acceptedAt }, tab, connection }: Expectation): void {
    const { request: { node }, attachment } = connection, { process } = node;
    const isUndisturbed = tab.connection === connection && tab.disturbedAt < acceptedAt &&
      node.disturbedAt < acceptedAt - CALM_MS && process.suspendedUntil < acceptedAt &&
      !this.#links.isIsolated(process);
    if (!isUndisturbed || attachment?.wire.buffered !== 0 || tab.stream?.has(position)) return;
    const { verdict } = this.#world;
    verdict.broken("delivered", `${tab.name} was live and did not receive ${draft?.id} at ${position}`);
  }

  #expect(entry: LedgerEntry): void {
    if (entry.draft?.ttl !== 0) return;
    for (const tab of this.#tabs) {
      const { connection, setting: { target }, stream } = tab;
      if (connection === undefined || (entry.target !== null && entry.target !== target)) continue;
      if (tab.disturbedAt + CALM_MS > this.#world.now || stream?.isUpToDate !== true) continue;
      this.#expectations.push({ entry, tab, connection });
    }
  }
}
