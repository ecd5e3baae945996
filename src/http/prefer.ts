/** The preferences of a request (RFC 7240): of all that may be preferred, this service knows `wait`. */

const MAX_SECONDS = 60;

/** How long the publisher would wait, in whole seconds; null: not at all, or it can't be read, which is no error. */
export function parsePreferWait(prefer: string | undefined): number | null {
  if (prefer === undefined) return null;
  for (const [preference] of prefer.matchAll(/(?:"(?:[^"\\]|\\.)*"|[^",])+/g)) {
    const [, seconds] = /^\s*wait\s*=\s*"?(\d+)"?\s*(?:;|$)/i.exec(preference) ?? [];
    if (seconds !== undefined) return Math.min(Number(seconds), MAX_SECONDS);
    if (/^\s*wait\s*(?:[=;]|$)/i.test(preference)) return null; // only the first one counts (section 2)
  }
  return null;
}
