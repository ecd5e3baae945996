/** Reads the text of an entry. This file imports nothing, because the worker of the SQLite file may read only the journal. */

/** What the text of a notification with a push has after its time. */
export const HAS_PUSH = '"push":true,';
const TIME_CHARACTERS = 24;

/** Reads the id of a notification. */
export function parseEntryId(text: string): string {
  const [, id = '""'] = /^\{"type":"notification","id":("(?:[^"\\]|\\.)*")/.exec(text) ?? [];
  return JSON.parse(id);
}

/** Reads when a notification was accepted, in milliseconds since 1970. */
export function parseAcceptedAt(text: string): number {
  const start = startOfTime(text);
  return Date.parse(text.slice(start, start + TIME_CHARACTERS));
}

/** True if the text is of a notification with a push. */
export function hasPush(text: string): boolean {
  return text.startsWith(HAS_PUSH, startOfTime(text) + TIME_CHARACTERS + 2);
}

function startOfTime(text: string): number {
  return text.indexOf('","at":"') + 8; // cannot match inside the id, where JSON escapes quotes
}
