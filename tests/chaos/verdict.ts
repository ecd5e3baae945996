/** Compares what the service has accepted with what its subscribers received and were told. */

import type { Accepted } from "./load/ledger.ts";
import { type Delivery, isDelivery, longestSilence, type TabLog } from "./load/tab_log.ts";

/** What one subscriber was, for the comparison. */
export interface TabRecord {
  readonly name: string;
  readonly target: string;
  readonly log: Pick<TabLog, "events">;
  /** True if it left by itself now and then, so that its silence says nothing. */
  readonly isVisitor: boolean;
}

export interface Evidence {
  readonly accepted: readonly Accepted[];
  /** The target of every notification that was sent, by its id. */
  readonly sent: ReadonlyMap<string, string | null>;
  readonly tabs: readonly TabRecord[];
}

/** Sums over all subscribers. A notification counts once for each subscriber that should receive it. */
export interface Counts {
  /** Notifications that were answered with 202. */
  readonly accepted: number;
  readonly owed: number;
  readonly delivered: number;
  /** Received again, although nothing was told in between. */
  readonly doubled: number;
  /** Received again after the subscriber was told that something is missing. */
  readonly again: number;
  /** Not received, and the subscriber was told that something is missing. */
  readonly told: number;
  /** Not received and not told. */
  readonly lost: number;
  /** Received before one with a lower position. */
  readonly disordered: number;
  /** Received by somebody for whom it was not, or never sent. */
  readonly foreign: number;
  readonly longestSilenceMs: number;
  /** Sentences about each loss and each doubled delivery, for the log. */
  readonly findings: readonly string[];
}

export function judge({ accepted, tabs, ...evidence }: Evidence): Counts {
  const judged = tabs.map((tab) => judgeTab(tab, { accepted, ...evidence }));
  const sum = (count: (one: TabCounts) => number) => judged.reduce((total, one) => total + count(one), 0);
  return {
    accepted: accepted.length,
    owed: sum(({ owed }) => owed),
    delivered: sum(({ delivered }) => delivered),
    doubled: sum(({ doubled }) => doubled),
    again: sum(({ again }) => again),
    told: sum(({ told }) => told),
    lost: sum(({ lost }) => lost),
    disordered: sum(({ disordered }) => disordered),
    foreign: sum(({ foreign }) => foreign),
    longestSilenceMs: Math.max(
      0,
      ...tabs.filter(({ isVisitor }) => !isVisitor).map(({ log }) => longestSilence(log)),
    ),
    findings: judged.flatMap(({ findings }) => findings),
  };
}

type TabCounts = Omit<Counts, "accepted" | "longestSilenceMs">;

function judgeTab(tab: TabRecord, { accepted, sent }: Omit<Evidence, "tabs">): TabCounts {
  const { target, log: { events }, name } = tab;
  const owed = accepted.filter((one) => (one.target ?? target) === target);
  const stream = followStream(tab);
  const missing = owed.filter(({ id }) => !stream.ids.has(id));
  const lost = missing.filter((one) => !wasTold(one, tab));
  const foreign = events.filter(isDelivery).filter(({ id }) =>
    (sent.get(id) ?? (sent.has(id) ? target : "")) !== target
  );
  return {
    ...stream,
    owed: owed.length,
    delivered: owed.length - missing.length,
    told: missing.length - lost.length,
    lost: lost.length,
    foreign: foreign.length,
    findings: [
      ...stream.findings,
      ...lost.map(({ id, position }) => `${name} was never told that it lost ${id} at ${position}`),
      ...foreign.map(({ id }) => `${name} received ${id}, which was not for it`),
    ],
  };
}

/** Walks through what a subscriber received. After it was told of a loss, another stream begins. */
function followStream({ name, log: { events } }: TabRecord) {
  const ids = new Map<string, number>(), findings: string[] = [];
  let stream = 0, doubled = 0, again = 0, disordered = 0, last: Delivery | undefined;
  for (const event of events) {
    if (!isDelivery(event)) {
      stream++;
      last = undefined;
      continue;
    }
    const before = ids.get(event.id);
    if (before === stream) {
      doubled++;
      findings.push(`${name} received ${event.id} twice, the second time at ${event.position}`);
    } else if (before !== undefined) again++;
    if (last !== undefined && isAfter(last.position, event.position)) disordered++;
    ids.set(event.id, stream);
    last = event;
  }
  return { ids, findings, doubled, again, disordered };
}

/** True if a subscriber was told of a loss where the notification would have followed, and not after a later one. */
function wasTold({ position, sentAt }: Accepted, { log: { events } }: TabRecord): boolean {
  const since = events.filter(({ at }) => at >= sentAt); // a journal that is rolled back gives positions again
  const passed = since.findIndex((event) => isDelivery(event) && isAfter(event.position, position));
  const before = passed === -1 ? since : since.slice(0, passed);
  return before.some((event) => !isDelivery(event));
}

/** True if both are positions of one journal, and the first is the later one. */
function isAfter(one: string, other: string): boolean {
  return one.slice(0, 8) === other.slice(0, 8) && one > other;
}
