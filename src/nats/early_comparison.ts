/** Recognises NATS servers on which two messages can both follow the same one. */

const FIXED_IN = "2.10";

/**
 * True if the servers compare the sequence number that a message expects before they agree on the order of messages.
 * Seen with three servers of version 2.9.10 in 45 of 100 attempts; a single server has nothing to agree on.
 */
export function comparesEarly(
  { version = "", cluster }: { version?: string | undefined; cluster?: string | undefined },
): boolean {
  return cluster !== undefined && version.localeCompare(FIXED_IN, "en", { numeric: true }) < 0;
}
