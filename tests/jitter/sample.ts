/** Results for tests, as if they had been measured. */

import { type Measured, STEPS_MS } from "./load/plan.ts";
import type { LanguageName } from "./load/languages.ts";
import type { Result } from "./results.ts";

/** Returns a result in which everything arrived, but for what is said otherwise. */
export function resultOf(name: LanguageName, round: number, more: Partial<Measured> = {}): Result {
  const times = { p50: 2, p99: 1_800, max: 2_400, within: STEPS_MS.map((step) => Math.min(1, step / 3_000)) };
  const measured: Measured = {
    expected: 1_000,
    delivered: 1_000,
    doubled: 0,
    cuts: 80,
    recovered: 80,
    unrecovered: 0,
    failures: 0,
    age: times,
    replay: times,
    replays: 30,
    cpuSeconds: 0.05,
    slowestAnswer: 5,
    lag: { p99: 1, max: 10 },
    ...more,
  };
  return {
    name,
    round,
    scenario: { clients: 10, seconds: 160, seed: round },
    machineLoad: 1,
    measured,
  };
}
