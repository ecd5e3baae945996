/** Looks at the parts of a node that keep their own figures, when the metrics are read. */

import type { Journal } from "../journal/journal.ts";
import type { JournalStats } from "../journal/journal_stats.ts";
import type { Revocations } from "../revocation/revocations.ts";
import type { JournalMetrics, WebhookMetrics } from "./metrics.ts";

/** They exist only after the node is composed. */
export interface ObservedParts {
  readonly journal: Pick<Journal, "stats">;
  /** Returns the number of what waits until it is due, by kind. */
  scheduled(): Readonly<Record<string, number>>;
  /** Null: messages from browsers are logged. */
  readonly webhook: { readonly size: number; readonly capacity: number } | null;
  /** Null: nobody is told which targets come and go. */
  readonly teller: { readonly size: number } | null;
  /** Null likewise. */
  readonly tracker: { readonly withoutRoom: number } | null;
  readonly revocations: Pick<Revocations, "stats">;
}

const NOTHING_KEPT: JournalStats = { entries: 0, bytes: 0, oldestAt: null, evicted: {} };

/** What there is to see before the node is composed. */
export const NOTHING_OBSERVED: ObservedParts = {
  journal: { stats: () => NOTHING_KEPT },
  scheduled: () => ({}),
  webhook: null,
  teller: null,
  tracker: null,
  revocations: { stats: () => ({ kept: 0, bytes: 0, maxBytes: 0 }) },
};

/** @param now milliseconds since 1970. The clock of NATS may be ahead of it */
export function journalMetrics(
  journal: ObservedParts["journal"],
  { capacity, now }: { readonly capacity: number; readonly now: number },
): JournalMetrics {
  const { entries, bytes, oldestAt, evicted } = journal.stats();
  return {
    entries,
    bytes: { taken: bytes, capacity },
    oldestAgeSeconds: oldestAt === null ? 0 : Math.max(0, now - oldestAt) / 1000,
    evicted: { ...evicted },
  };
}

/** @param counts what was counted as it happened */
export function webhookMetrics(
  webhook: ObservedParts["webhook"],
  { attempts, lost }: Omit<WebhookMetrics, "backlog">,
): WebhookMetrics {
  const { size, capacity } = webhook ?? { size: 0, capacity: 0 };
  return { backlog: { taken: size, capacity }, attempts: { ...attempts }, lost };
}
