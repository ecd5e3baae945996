/** One round: a fault, on a stage, under load, and what became of every notification. */

import { createRandom } from "../random.ts";
import { type AnyFault, circumstancesOf, type FaultPromise } from "./fault.ts";
import type { Ledger } from "./load/ledger.ts";
import { Load } from "./load/load.ts";
import { pause } from "./load/subscriber.ts";
import type { JournalName } from "./stages/stage.ts";
import { type Counts, judge } from "./verdict.ts";

export interface RoundOptions {
  readonly journal: JournalName;
  readonly seed: number;
  readonly isShort: boolean;
}

export interface RoundResult {
  readonly fault: AnyFault;
  readonly options: RoundOptions;
  readonly counts: Counts;
  /** Sentences about everything that the journal had promised not to happen. Empty: it has kept its promise. */
  readonly broken: readonly string[];
  /** Answers to publishers by status. */
  readonly statuses: Ledger["statuses"];
}

const MAX_SEED = 2 ** 31;

export async function runRound(fault: AnyFault, options: RoundOptions): Promise<RoundResult> {
  const { journal, isShort } = options;
  const random = createRandom(seedOf(fault, options));
  await using staged = await fault.open(journal);
  const load = await Load.start(staged.stage, { seed: Math.floor(random() * MAX_SEED) });
  await pause((isShort ? 300 : 1_000) + random() * 1_000);
  await staged.inflict(circumstancesOf(random, { isShort }));
  await pause(isShort ? 500 : 3_000);
  const isComplete = await load.finish();
  const { ledger } = load;
  const counts = judge({
    accepted: ledger.accepted,
    sent: ledger.sent,
    tabs: load.subscribers.map((subscriber, n) => ({
      name: `${subscriber.transport} ${n} of ${subscriber.target}`,
      target: subscriber.target,
      log: subscriber.log,
      isVisitor: load.visitors.includes(subscriber),
    })),
  });
  const stuck = isComplete ? [] : ["a subscriber has not received the last notification within a minute"];
  return {
    fault,
    options,
    counts,
    broken: [
      ...stuck,
      ...ledger.refusals,
      ...brokenBy(counts, { promise: fault.promises[journal] ?? "nothing lost", journal }),
    ],
    statuses: ledger.statuses,
  };
}

/** Sentences about what the counts say against the promise. */
export function brokenBy(
  counts: Counts,
  { promise, journal }: { promise: FaultPromise; journal: JournalName },
): string[] {
  const { told, again, disordered, findings } = counts;
  const broken = [...findings];
  if (promise === "nothing lost" && told + again > 0) {
    broken.push(`subscribers were told of ${told} losses, and received ${again} again`);
  }
  // Debian's NATS may send a message late, if it has no replicas. Then it comes late, and is not lost.
  if (journal !== "nats" && disordered > 0) {
    broken.push(`${disordered} came after one with a higher position`);
  }
  return broken;
}

/** Each fault and journal has its own random numbers, so `--only` and `--journal` do not change them. */
function seedOf({ name }: AnyFault, { journal, seed }: RoundOptions): number {
  let hash = seed;
  for (const character of `${name}/${journal}`) {
    hash = Math.imul(hash, 31) + (character.codePointAt(0) ?? 0) | 0;
  }
  return hash;
}
