/** The plan of a run: how many waves, how long they last, and how long what they leave behind may stay. */

export interface Plan {
  /** Its load is that of a wave. What is loaded, compiled and filled once, is so before the first look. */
  readonly warmUpMs: number;
  readonly waves: number;
  readonly waveMs: number;
  /** At least so long nobody is connected after a wave. */
  readonly restMs: number;
  /** How long the service keeps notifications. */
  readonly retentionSeconds: number;
  /** How long a tab may stop reading. */
  readonly maxStallMs: number;
  /** The time between two faults of the line. */
  readonly faultEveryMs: number;
  readonly sampleMs: number;
}

const MINUTE = 60_000;
/**
 * A node closes a connection that makes no progress for 30 seconds, and forgets a revocation after 65. Notifications are
 * kept for much longer than a client is away, with the back-off of the SDK after several faults of the line.
 */
const LONG = {
  ...{ retentionSeconds: 100, maxStallMs: 40_000, faultEveryMs: 15_000, restMs: 115_000, sampleMs: 5_000 },
};
const SHORT = { retentionSeconds: 20, maxStallMs: 2_000, faultEveryMs: 6_000, restMs: 0, sampleMs: 1_000 };
const MIN_LONG_MINUTES = 5, CYCLE_MINUTES = 5;

/** With fewer than five minutes, a run has a wave and no time for what lasts for minutes. */
export function planOf(minutes: number): Plan {
  if (minutes < MIN_LONG_MINUTES) {
    const share = minutes * MINUTE / 10;
    return { ...SHORT, warmUpMs: share, waves: 1, waveMs: 2 * share };
  }
  const cycleMs = minutes * MINUTE / Math.round(minutes / CYCLE_MINUTES + 0.5);
  const waves = Math.max(1, Math.round(minutes * MINUTE / cycleMs) - 1), waveMs = cycleMs - LONG.restMs;
  return { ...LONG, warmUpMs: Math.min(waveMs, MINUTE), waves, waveMs };
}
