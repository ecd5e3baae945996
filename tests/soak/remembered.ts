/** What a node remembers on purpose when a soak is over, and how much of it there may be. */

import type { LongRemembered } from "./load/wave.ts";
import { LAST_SEEN_SECONDS } from "./node/soaked_node.ts";

export interface Memory {
  /** The collections that hold it. */
  readonly collections: RegExp;
  /** How much more they may hold at the end than at the start. An entry is a key and a value. */
  readonly allowed: (waves: readonly LongRemembered[], now: number) => number;
  readonly reason: string;
}

const PER_ENTRY = 2, MINUTE = 60_000;

export const MEMORIES: readonly Memory[] = [
  {
    collections: /^(ScheduleIndex|MemoryRecords|StoredSchedule)\./,
    allowed: (waves) => PER_ENTRY * sum(waves, ({ scheduled }) => scheduled),
    reason: "what was scheduled is known for a day after it was due, so that a repeat is recognised",
  },
  {
    collections: /^PushCounts\./,
    allowed: (waves) => PER_ENTRY * sum(waves, ({ pushes }) => pushes),
    reason: "reports of pushes, of which the next push drops those that are over",
  },
  {
    collections: /^(RevocationIndex|StoredRevocations|NatsRevocations)\./,
    allowed: (waves, now) =>
      PER_ENTRY * sum(waves, ({ revokedUntil }) => revokedUntil.filter((until) => until > now).length),
    reason: "a revocation counts until the tokens have expired, and a minute longer",
  },
  {
    collections: /^KeptValues\./,
    allowed: (waves, now) => {
      const recent = waves.filter(({ seenUntil }) => now < seenUntil + 1_000 * LAST_SEEN_SECONDS + MINUTE);
      return PER_ENTRY * sum(recent, ({ seen }) => seen);
    },
    reason: "when a target was last seen is forgotten within a minute after its time",
  },
  {
    collections: /^ForgottenTargets\./,
    allowed: (waves, now) => {
      const recent = waves.filter(({ seenUntil }) => now < seenUntil + MINUTE);
      return PER_ENTRY * sum(recent, ({ erased }) => erased);
    },
    reason: "a target that was erased is not noted again for a minute",
  },
];

function sum(waves: readonly LongRemembered[], count: (wave: LongRemembered) => number): number {
  return waves.reduce((total, wave) => total + count(wave), 0);
}
