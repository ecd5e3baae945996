/** Positions: how they look and sort, which the server's page on the protocol says. Nothing else has a meaning here. */

/**
 * False for an id, for example. The service refuses all of a frame that has something else in place of a position. A later
 * version may have more parts.
 */
export function isPosition(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-z]{8}-[0-9a-z]{11}(-[0-9a-z]+)*$/.test(value);
}

/** True if both are of one journal and the first is not after the second. Positions of a journal sort as text. */
export function isUpTo(position: string, through: string | null): boolean {
  return through !== null && position <= through && isOfSameJournal(position, through);
}

/** A journal that begins anew gives its positions another beginning. */
export function isOfSameJournal(one: string, other: string): boolean {
  return journalOf(one) === journalOf(other);
}

function journalOf(position: string): string {
  return position.slice(0, position.indexOf("-"));
}
