/** A model of resuming in its simplest form, and the real system that tests compare with it. */

import { assert, assertEquals } from "@std/assert";
import { ReturningTab } from "./returning_tab.ts";
import { TestService } from "./test_service.ts";

export const TARGETS = ["alexander", "alexander", "burr"]; // two tabs of one, one of the other
/** Those of the tabs that first ask for everything that is kept. The others first ask for what is new. */
const FRESH = [1, 2];
export const RETENTION_SECONDS = 60;
export const REPORT_MS = 60_000;

interface Sent {
  readonly id: string;
  readonly n: number;
  readonly target: string | null;
  /** It expires before the retention ends, so a tab that returns after that has missed nothing. */
  readonly hasOwnTtl: boolean;
  readonly at: number;
  readonly expiresAt: number;
}

/** The model of a tab: what it should have received, and how many notifications it has been offered. */
interface ModelTab {
  readonly target: string;
  readonly isFresh: boolean;
  readonly expected: number[];
  offered: number;
  connections: number;
  isConnected: boolean;
}

/** The expected behaviour, in its simplest form. */
export class Model {
  readonly sent: Sent[] = [];
  readonly tabs: ModelTab[] = TARGETS.map((target, index) => (
    { target, isFresh: FRESH.includes(index), expected: [], offered: 0, connections: 0, isConnected: false }
  ));
  /** By id: the connections that it was sent to, and those of them that acked it. */
  readonly reports = new Map<string, { sent: Set<string>; acked: Set<string> }>();
  now = Date.UTC(1804, 6, 11);

  /** Offers a tab all that is new. `isLost`: this tab has lost some. `anyLost`: some are lost for any tab. */
  offer(index: number): { isLost: boolean; anyLost: boolean } {
    const tab = this.tab(index);
    const missing = this.sent.slice(tab.offered).filter(({ target }) =>
      (target ?? tab.target) === tab.target
    );
    for (const one of missing.filter((one) => !this.#isExpired(one))) {
      tab.expected.push(one.n);
      const report = this.reports.get(one.id) ?? { sent: new Set(), acked: new Set() };
      report.sent.add(`${index}.${tab.connections}`);
      this.reports.set(one.id, report);
    }
    tab.offered = this.sent.length;
    const isLoss = (one: Sent) => this.#isExpired(one) && !one.hasOwnTtl;
    return { isLost: missing.some(isLoss), anyLost: this.sent.some(isLoss) };
  }

  tab(index: number): ModelTab {
    const tab = this.tabs[index];
    assert(tab !== undefined);
    return tab;
  }

  #isExpired({ expiresAt }: Sent): boolean {
    return expiresAt <= this.now;
  }
}

/** The real service, which runs by the clock of the model, and its tabs. */
export class RealSystem {
  readonly tabs = TARGETS.map((target, index) =>
    new ReturningTab(target, FRESH.includes(index) ? "earliest" : undefined)
  );
  readonly model: Model;
  readonly #environment: Record<string, string>;
  #service: TestService | undefined;

  constructor(model: Model, environment: Record<string, string>) {
    this.model = model;
    this.#environment = environment;
  }

  get service(): TestService {
    assert(this.#service !== undefined);
    return this.#service;
  }

  async start(): Promise<void> {
    this.#service = await TestService.start(this.#environment, { now: () => this.model.now });
  }

  tab(index: number): ReturningTab {
    const tab = this.tabs[index];
    assert(tab !== undefined);
    return tab;
  }

  /** Asserts that every connected tab has received what the model expects, once and in order. */
  async assertAgrees(): Promise<void> {
    for (const [index, { expected, isConnected }] of this.model.tabs.entries()) {
      if (isConnected) await this.tab(index).waitForCount(expected.length);
      assertEquals(this.tab(index).received.map(({ data }) => data), expected);
      assertEquals(this.tab(index).missed, 0);
    }
  }
}
