/** Compares positions. The server's page on the protocol says how they sort; nothing else in them has a meaning here. */

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
