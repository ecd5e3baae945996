/** Recognises NATS servers that can end up with different copies of a stream. */

const FIXED_IN = "2.10";

/**
 * True if replicas of this version can diverge. A leader that was paused for seconds and then continues stores messages
 * that the others never receive, under sequence numbers that the others use for other messages. Measured with 2.9.10,
 * and not any more with 2.10.27.
 */
export function hasSplitBrainBug({ version, replicas }: { version: string; replicas: number }): boolean {
  return replicas > 1 && version.localeCompare(FIXED_IN, "en", { numeric: true }) < 0;
}
