/** Diverging: what NATS did before 2.10 when the leader of several servers was held up for seconds. */

const SINCE = "2.10";

/**
 * True if servers of this version may come to disagree on what is in a stream: a leader that goes on after seconds keeps
 * what the others never had, at numbers where they have something else. Measured with 2.9.10, and not since 2.10.27.
 */
export function hasSplitBrainBug({ version, replicas }: { version: string; replicas: number }): boolean {
  return replicas > 1 && version.localeCompare(SINCE, "en", { numeric: true }) < 0;
}
