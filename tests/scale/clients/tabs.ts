/** The tabs of one process: it opens them, has each reconnect for as long as it runs, and counts what they receive. */

import { backoffMs } from "../../../src/client/backoff.ts";
import { delay } from "../../bench/load/delay.ts";
import { createRandom } from "../../random.ts";
import { ArrivalCounter } from "./arrivals.ts";
import { nodeOf, targetOf } from "./placement.ts";
import type { Accepted, ClientPlan, Tally, Verdict } from "./protocol.ts";
import { Tab, type TabConnection, type TabEvents } from "./tab.ts";

const CONCURRENCY = 64; // of the first connections; later ones come when their back-off is over, like those of browsers

/**
 * Tabs of one source address. The kernel searches a free port for each connection, first among the 14,000 that are odd.
 * When few of them are left, this takes it milliseconds.
 */
const TABS_PER_ADDRESS = 1_000;

export class Tabs {
  readonly #plan: ClientPlan;
  readonly #tabs: readonly Tab[];
  readonly #random: () => number;
  readonly #welcomes = new ArrivalCounter();
  readonly #closes = new ArrivalCounter();
  readonly #deliveries = new Map<number, ArrivalCounter>();
  #next = 0;
  #refused = 0;
  #reason = "";
  #doubled = 0;
  #told = 0;

  constructor(plan: ClientPlan) {
    const { first, count, targets, network } = this.#plan = plan;
    const events: TabEvents = {
      onWelcome: (at) => this.#welcomes.add(at),
      onClose: (at) => this.#closes.add(at),
      onRefusal: (reason) => {
        this.#refused++;
        this.#reason = reason;
      },
      onDelivery: (serial, at) => this.#counterOf(serial).add(at),
      onDouble: () => this.#doubled++,
      onLoss: () => this.#told++,
    };
    this.#random = createRandom(plan.seed + first);
    this.#tabs = Array.from(
      { length: count },
      (_, n) => new Tab({ target: targetOf(first + n, targets), address: addressOf(network, n), events }),
    );
  }

  /** Resolves when each tab has connected once, or was refused. */
  async open(): Promise<void> {
    await Promise.all(Array.from({ length: CONCURRENCY }, () => this.#openSome()));
  }

  tally(serial: number | null): Tally {
    const welcomes = this.#welcomes.arrivals, closes = this.#closes.arrivals;
    const deliveries = (serial === null ? undefined : this.#deliveries.get(serial)) ?? new ArrivalCounter();
    return {
      open: welcomes.count - closes.count,
      welcomes,
      closes,
      refused: this.#refused,
      reason: this.#reason,
      deliveries: deliveries.arrivals,
    };
  }

  verdict(accepted: readonly Accepted[]): Verdict {
    const serials = Map.groupBy(accepted, ({ target }) => target);
    const everyone = serials.get(null) ?? [];
    const perTab = this.#tabs.map(({ target, received }) => {
      const owed = [...everyone, ...serials.get(target) ?? []];
      const delivered = owed.filter(({ serial }) => received.has(serial)).length;
      return { owed: owed.length, delivered, foreign: received.size - delivered };
    });
    const sum = (value: (tab: typeof perTab[number]) => number) =>
      perTab.reduce((total, tab) => total + value(tab), 0);
    const owed = sum((tab) => tab.owed), delivered = sum((tab) => tab.delivered);
    return {
      tabs: this.#tabs.length,
      owed,
      delivered,
      doubled: this.#doubled,
      lost: owed - delivered,
      foreign: sum((tab) => tab.foreign),
      told: this.#told,
    };
  }

  async #openSome(): Promise<void> {
    const { first, ports, targets } = this.#plan;
    while (this.#next < this.#tabs.length) {
      const n = this.#next++, tab = this.#tabs[n];
      const port = ports[nodeOf(first + n, { nodes: ports.length, targets })];
      if (tab === undefined || port === undefined) continue;
      void this.#keep(tab, { port, connection: await tab.connect(port) });
    }
  }

  /**
   * Reconnects with the back-off of the SDK: at random to another node than the one that has ended, and after a refusal to
   * the next one, as a load balancer would have it.
   */
  async #keep(tab: Tab, first: { port: number; connection: TabConnection | null }): Promise<never> {
    let { port, connection } = first, failures = 0;
    for (;;) {
      failures = connection === null ? failures + 1 : 0;
      await connection?.ended;
      await delay(backoffMs(failures, this.#random));
      port = failures > 0 ? this.#after(port) : this.#otherThan(port);
      connection = await tab.connect(port);
    }
  }

  #after(port: number): number {
    const { ports } = this.#plan;
    return ports[(ports.indexOf(port) + 1) % ports.length] ?? port;
  }

  #otherThan(port: number): number {
    const { ports } = this.#plan, others = ports.length > 1 ? ports.filter((one) => one !== port) : ports;
    return others[Math.floor(this.#random() * others.length)] ?? port;
  }

  #counterOf(serial: number): ArrivalCounter {
    const known = this.#deliveries.get(serial);
    if (known !== undefined) return known;
    const counter = new ArrivalCounter();
    this.#deliveries.set(serial, counter);
    return counter;
  }
}

function addressOf(network: string, tab: number): string {
  return `${network}.${1 + Math.floor(tab / TABS_PER_ADDRESS)}`;
}
