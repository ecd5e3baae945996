/** Finds environment variables that are misspelled: a secret that is not read would leave the service open. */

/** What Kubernetes adds to a container for a Service named tidings, or tidings-something, unless `enableServiceLinks` is off. */
const SERVICE_LINK =
  /^TIDINGS_(?:[A-Z\d]+_)*(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z\d_]+)?|PORT(?:_\d+_[A-Z]+(?:_[A-Z]+)?)?)$/;
const LINKED_PORT = /^(?:tcp|udp|sctp):\/\//;

const MAX_EDITS = 2; // between a misspelled prefix and the right one

/**
 * Returns the names that look like variables of this service and are not, each with the nearest name that exists.
 * Variables with an empty value count as not set.
 */
export function findUnknownVariables(
  environment: Readonly<Record<string, string | undefined>>,
  known: readonly string[],
): { readonly name: string; readonly nearest: string }[] {
  return Object.entries(environment)
    .filter(([name, value = ""]) =>
      value.trim() !== "" && !known.includes(name) && !isServiceLink(name, value)
    )
    .map(([name]) => ({ name, ...nearestOf(name, known) }))
    .filter(({ name, edits }) => /^TIDINGS/i.test(name) || edits <= MAX_EDITS)
    .map(({ name, nearest }) => ({ name, nearest }));
}

/** The Service `tidings-admin` sets `TIDINGS_ADMIN_PORT`, which is a variable of this service too. */
export function withoutServiceLinks(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  const own = Object.entries(environment).filter(([name, value = ""]) => !isServiceLink(name, value.trim()));
  return Object.fromEntries(own);
}

function isServiceLink(name: string, value: string): boolean {
  const isPort = /_PORT$/.test(name) && !/_SERVICE_PORT$|_TCP_PORT$|_UDP_PORT$/.test(name);
  return SERVICE_LINK.test(name) && (!isPort || LINKED_PORT.test(value));
}

function nearestOf(name: string, known: readonly string[]): { nearest: string; edits: number } {
  const all = known.map((nearest) => {
    const full = nearest.startsWith("TIDINGS_") ? nearest : `TIDINGS_${nearest}`; // HOST and PORT have no prefix
    return { nearest, edits: countEdits(name.toUpperCase(), full) };
  });
  return all.reduce((best, one) => one.edits < best.edits ? one : best);
}

/** The number of characters to insert, delete or replace (Levenshtein distance). */
function countEdits(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, length) => length);
  for (const [index, character] of [...one].entries()) {
    const next = [index + 1];
    for (const [column, expected] of [...other].entries()) {
      const replaced = (row[column] ?? 0) + (character === expected ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
