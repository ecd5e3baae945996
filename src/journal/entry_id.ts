/** Reads the id of an entry. This file imports nothing, because the worker of the SQLite file may read only the journal. */

/** Reads the id from the text of an entry. */
export function parseEntryId(text: string): string {
  const [, id = '""'] = /^\{"type":"notification","id":("(?:[^"\\]|\\.)*")/.exec(text) ?? [];
  return JSON.parse(id);
}
