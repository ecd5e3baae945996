/** One notification, a wait for its acks, and tabs that connect, receive it, ack it and close, in any order. */

import { Outbox } from "../../src/hub/outbox.ts";
import type { AckWait, StreamingConnection } from "../../src/reports/ack_wait.ts";
import type { AwaitedNotification } from "../../src/reports/report.ts";
import { reportLimits } from "../../src/reports/report_limits.ts";
import { Reports } from "../../src/reports/reports.ts";

export const NOW = Date.UTC(1804, 6, 11, 7);

/** Positions in order. Tabs start at `BEFORE`, and notifications have the other two. */
export const BEFORE = "p0", FIRST = "p1", SECOND = "p2";

/** @param position is also the id of the notification */
export function awaited(position: string, target: string | null = "alexander"): AwaitedNotification {
  return { id: position, acceptedAt: NOW, target, position, expiresAt: NOW + 1 };
}

/** A connection that has reached a position; null: it was sent no welcome yet. */
export class Tab implements StreamingConnection {
  readonly transport = "websocket";
  readonly connectedAt = NOW;
  readonly outbox = new Outbox(null, { maxBytes: 1 });
  readonly pump: { reached: string | null; flush(): void; finish(): Promise<void> };

  constructor(readonly id: string, reached: string | null = BEFORE, readonly target = "alexander") {
    this.pump = { reached, flush() {}, finish: () => Promise.resolve() };
  }
}

/** The connections of the target `alexander`. */
export function connections(...tabs: readonly Tab[]): ReadonlyMap<string | null, readonly Tab[]> {
  return new Map([["alexander", tabs]]);
}

export class TestNode {
  readonly reports: Reports;

  constructor({ maxExpected = 100, maxReports = 100 } = {}) {
    const limits = { ...reportLimits({ seconds: 3_600 }), maxExpected, maxReports };
    this.reports = new Reports({ limits, acceptedAt: () => NOW, now: () => NOW });
  }

  wait(...positions: readonly string[]): AckWait {
    return this.reports.wait(positions.map((position) => awaited(position)));
  }

  send(position: string, ...tabs: readonly Tab[]): void {
    for (const tab of tabs) {
      tab.pump.reached = position;
      const notification = { id: position, target: tab.target, position, text: "", bytes: 0 };
      this.reports.sent([notification], tab.id);
    }
  }

  ack(position: string, ...tabs: readonly Tab[]): void {
    for (const { id } of tabs) this.reports.acked([position], id);
  }
}

/** An event of a tab, by its number, or of the node that waits. */
export type Step =
  | readonly ["connect" | "resume" | "send" | "ack" | "close", number]
  | readonly ["wait" | "queryHub" | "start", null];

interface TabState {
  readonly tab: Tab;
  isOpen: boolean;
  isSent: boolean;
  isAcked: boolean;
}

/** Runs steps against the real reports, and calculates whether the wait should be over. */
export class AckWaitModel {
  isOver = false;
  wait: AckWait | undefined;
  readonly #node = new TestNode();
  readonly #states: TabState[] = [];
  #queried: readonly TabState[] | undefined;
  #found: readonly TabState[] | undefined;

  /** @param count the number of tabs that are open before the notification is accepted */
  constructor(count: number) {
    this.#node.reports.accepted(FIRST, NOW);
    for (let n = 0; n < count; n++) this.#open(BEFORE);
  }

  run([event, tab]: Step): void {
    if (tab === null) this.#runWait(event);
    else if (event === "connect") this.#open(SECOND); // receives only what is new from now on
    else if (event === "resume") this.#open(BEFORE);
    else this.#runTab(event, this.#states[tab % this.#states.length]);
    this.isOver ||= this.#found !== undefined && !this.#states.some((state) => this.#isAwaited(state));
  }

  #isAwaited({ isOpen, isSent, isAcked, tab }: TabState): boolean {
    const isExpected = this.#found?.some((state) => state.tab === tab) === true &&
      tab.pump.reached === BEFORE;
    return isOpen && (isSent ? !isAcked : isExpected);
  }

  #runWait(event: Step[0]): void {
    if (event === "wait") this.wait ??= this.#node.wait(FIRST);
    else if (this.wait === undefined) return;
    else if (event === "queryHub") this.#queried ??= this.#states.filter(({ isOpen }) => isOpen);
    else if (this.#queried !== undefined && this.#found === undefined) {
      this.#found = this.#queried;
      this.wait.start(connections(...this.#found.map(({ tab }) => tab)));
    }
  }

  #open(reached: string): void {
    const tab = new Tab(`${this.#states.length}`, reached);
    this.#states.push({ tab, isOpen: true, isSent: false, isAcked: false });
  }

  #runTab(event: Step[0], state: TabState | undefined): void {
    if (state === undefined || !state.isOpen) return;
    if (event === "send" && !state.isSent && state.tab.pump.reached === BEFORE) {
      state.isSent = true;
      this.#node.send(FIRST, state.tab);
    } else if (event === "ack" && state.isSent) {
      state.isAcked = true;
      this.#node.ack(FIRST, state.tab);
    } else if (event === "close") {
      state.isOpen = false;
      this.#node.reports.left(state.tab);
    }
  }
}
