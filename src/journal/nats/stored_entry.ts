/** Converts messages of the stream to the entries that they store: notifications, and marks. */

import { type IncomingMessage, type ParseContext, parseNotification, type StoredEntry } from "./message.ts";
import { MARK, parseMark } from "./stored_mark.ts";

/** Null if the message is not one that a node has stored. */
export function parseEntry(message: IncomingMessage, context: ParseContext): StoredEntry | null {
  return message.lastToken === MARK ? parseMark(message, context) : parseNotification(message, context);
}
