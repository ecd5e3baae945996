/** Costs: the memory that the parts of a journal's indexes take, so that the retention bounds what the process keeps. */

import type { Entry } from "../journal.ts";
import type { EntryMeta } from "./target_log.ts";

// Bytes of V8's heap for each of 400,000, after a garbage collection, without the characters of text, ids and names:
// 383 for an entry with its list node, 212 for the properties of one, 171 to 300 for a target with its log (which has
// room for 18 more entries from the second one on), 52 to 192 for a topic, 489 for an id with its first append, and
// 127 for each further append. 236 for what a target has read, and 8 for each exception.
const ENTRY_BYTES = 400;
const META_BYTES = 220;
const STATE_BYTES = 250, EXCEPTION_BYTES = 8;
const TOPIC_BYTES = 200;
/** A target that has entries, in addition to them. */
export const TARGET_BYTES = 300;
/** An id that is remembered, in addition to its appends. */
export const ID_BYTES = 380;
export const APPEND_BYTES = 130;

/** An entry that is kept in memory. */
export function costOfEntry(entry: Entry & EntryMeta): number {
  return ENTRY_BYTES + textBytes(entry) + (entry.id?.length ?? 0) + namesBytes(entry) + stateBytes(entry);
}

/** An entry whose text is in a file: the file is bounded as well. */
export function costOfMeta(entry: EntryMeta): number {
  return META_BYTES + entry.bytes + namesBytes(entry) + stateBytes(entry);
}

/** V8 keeps a text with two bytes for each unit, unless all of its characters are in Latin-1. */
function textBytes({ text, bytes }: Pick<Entry, "text" | "bytes">): number {
  return bytes === text.length ? bytes : 2 * text.length;
}

function stateBytes({ mark }: EntryMeta): number {
  return mark === null ? 0 : STATE_BYTES + EXCEPTION_BYTES * (mark.read.length + mark.unread.length);
}

function namesBytes({ target, topic }: EntryMeta): number {
  return (target?.length ?? 0) + (topic === null ? 0 : TOPIC_BYTES + topic.length);
}
