/** Checks the clock of this machine against the clocks of servers that the service uses. */

import type { CheckFinding } from "./check_finding.ts";

/** The time by a server, and the times of this machine between which it was asked. All in milliseconds since 1970. */
export interface ClockReading {
  readonly server: string;
  readonly asked: number;
  readonly answered: number;
  /** The server's time, and how precisely it is stated. */
  readonly time: number;
  readonly precisionMs: number;
}

const MAX_SKEW_MS = 5_000; // what is tolerated in the times of tokens
const NOTICED_SKEW_MS = 500; // shows in the metrics of delivery
/** The precision of the header `Date`, which is rounded down. */
export const DATE_PRECISION_MS = 1_000;

export function checkClock(readings: readonly ClockReading[]): readonly CheckFinding[] {
  if (readings.length > 0) return readings.map(compare);
  return [{ status: "skip", check: "clock", message: "nothing that the service uses tells its time" }];
}

function compare(reading: ClockReading): CheckFinding {
  const { server } = reading, skewMs = skewOf(reading);
  const amount = Math.abs(skewMs), direction = skewMs > 0 ? "ahead of" : "behind";
  if (amount <= NOTICED_SKEW_MS) {
    return { status: "ok", check: "clock", message: `it agrees with that of ${server}` };
  }
  const message = `it is at least ${amount} ms ${direction} that of ${server}`;
  return { status: amount > MAX_SKEW_MS ? "fail" : "warn", check: "clock", message };
}

/** The least difference that explains the reading; it is positive if this machine is ahead. */
export function skewOf({ asked, answered, time, precisionMs }: Omit<ClockReading, "server">): number {
  const latest = time + precisionMs;
  if (latest < asked) return Math.round(asked - latest);
  return time > answered ? Math.round(answered - time) : 0;
}
