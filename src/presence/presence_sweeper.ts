/** PresenceSweeper: finds the targets whose node is gone, and corrects what the records say about this node. */

import { UnavailableError } from "../journal/journal.ts";
import type { KnownNodes } from "./known_nodes.ts";
import type { LastSeen } from "./last_seen.ts";
import { type PresenceRecord, toldBy, withoutNode } from "./presence_record.ts";
import type { PresenceRecords } from "./presence_records.ts";
import type { PresenceTracker } from "./presence_tracker.ts";

export interface PresenceSweeperDeps {
  readonly node: string;
  readonly records: Pick<PresenceRecords, "all" | "interruptions">;
  readonly tracker: Pick<PresenceTracker, "held" | "holds" | "change" | "confirm" | "withdraw">;
  readonly known: KnownNodes;
  readonly lastSeen: Pick<LastSeen, "saw" | "of">;
  /** The names of all nodes that exist, with this one. */
  members(): readonly string[];
  /** Called with errors other than that the records cannot be reached, which are logged elsewhere. */
  readonly report: (error: unknown) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds on a monotonic clock. */
  readonly elapsed: () => number;
  /** The interval at which `tick` is called. */
  readonly everyMs: number;
}

const MAX_AT_ONCE = 64;
/** Other nodes take a node for gone that says nothing for longer, so it has to look whether they have. */
const MAX_SILENT_TICKS = 3;

/**
 * All records are read only if a node is gone, by the first of the nodes that are left, and if this node may have been
 * taken for gone. If that fails, the next tick begins again. What was done twice changes nothing.
 */
export class PresenceSweeper {
  readonly #deps: PresenceSweeperDeps;
  #areOthersDue = true; // a node that was gone before this one started may have left records
  #isOwnDue = false;
  #lastTick: number;
  #interruptions: number;
  #sweeping: Promise<void> | undefined;
  #isStopped = false;

  constructor(deps: PresenceSweeperDeps) {
    this.#deps = deps;
    this.#lastTick = deps.elapsed();
    this.#interruptions = deps.records.interruptions;
  }

  /** Called every `everyMs`. */
  tick(): void {
    this.#noticeInterruptions();
    const { known, node } = this.#deps, members = this.#deps.members();
    if (known.look(members)) this.#areOthersDue = true;
    const isFirst = members.every((other) => node <= other);
    const sweepsOthers = this.#areOthersDue && isFirst && known.areSettled;
    if (this.#sweeping !== undefined || this.#isStopped || !(sweepsOthers || this.#isOwnDue)) return;
    const sweepsOwn = this.#isOwnDue;
    this.#isOwnDue = false;
    if (sweepsOthers) this.#areOthersDue = false;
    this.#sweeping = this.#sweep({ sweepsOthers, sweepsOwn }).catch((error) => {
      this.#isOwnDue ||= sweepsOwn;
      this.#areOthersDue ||= sweepsOthers;
      if (!(error instanceof UnavailableError)) this.#deps.report(error);
    }).finally(() => this.#sweeping = undefined);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#sweeping;
  }

  #noticeInterruptions(): void {
    const { elapsed, everyMs, records: { interruptions }, known } = this.#deps, now = elapsed();
    const wasSilent = now - this.#lastTick > MAX_SILENT_TICKS * everyMs;
    if (wasSilent || interruptions !== this.#interruptions) {
      this.#isOwnDue = true;
      known.restart();
    }
    this.#lastTick = now;
    this.#interruptions = interruptions;
  }

  async #sweep({ sweepsOthers, sweepsOwn }: { sweepsOthers: boolean; sweepsOwn: boolean }): Promise<void> {
    const { records, tracker, node, now } = this.#deps;
    const missing = new Set(sweepsOwn ? tracker.held : []);
    const changing = new Set<Promise<void>>();
    const begin = async (change: Promise<void>) => {
      const done = change.finally(() => changing.delete(done));
      changing.add(done);
      if (changing.size >= MAX_AT_ONCE) await Promise.race(changing);
    };
    for await (const [target, record] of records.all()) {
      if (this.#isStopped) return;
      if (sweepsOthers && this.#isLeftOver(record)) await begin(this.#takeOver(target, record));
      const isRecorded = node in record.nodes;
      if (isRecorded) missing.delete(target);
      if (sweepsOwn && isRecorded && !tracker.holds(target)) await begin(tracker.withdraw(target, now()));
    }
    for (const target of missing) if (tracker.holds(target)) await begin(tracker.confirm(target));
    await Promise.all(changing);
  }

  #isLeftOver({ nodes, events, teller }: PresenceRecord): boolean {
    const { known } = this.#deps;
    if (events.length > 0 && teller !== null && known.isGone(teller)) return true;
    return Object.keys(nodes).some((node) => known.isGone(node));
  }

  /** Removes the nodes that are gone, and tells what they have not told. */
  async #takeOver(target: string, record: PresenceRecord): Promise<void> {
    const { known, tracker, lastSeen, node: teller, now } = this.#deps;
    const seen = await lastSeen.of(target);
    const gone = Object.entries(record.nodes).filter(([node]) => known.isGone(node)).map(([node, since]) => (
      { node, at: endOf({ since, seen, lastSeenAt: known.lastSeenAt(node), now: now() }) }
    )).toSorted((one, other) => one.at - other.at);
    if (!record.isErased) { for (const { at } of gone) lastSeen.saw(target, at); }
    await tracker.change(target, (current) => {
      const left = gone.reduce(
        (changed, one) => withoutNode(changed, { ...one, teller, now: now() }),
        current,
      );
      return left.teller !== null && known.isGone(left.teller) ? toldBy(left, teller) : left;
    });
  }
}

/** A node that stops has noted when its connections ended. Of one that was killed, others know when it was there. */
function endOf(
  { since, seen, lastSeenAt, now }: {
    since: number;
    seen: number | null;
    lastSeenAt: number | undefined;
    now: number;
  },
): number {
  return seen !== null && seen >= since ? seen : Math.max(since, lastSeenAt ?? now);
}
