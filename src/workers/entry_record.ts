/** An entry of the journal as the bytes of a record, encoded once for all isolates that it concerns. */

import type { Buffer } from "node:buffer";
import type { Entry } from "../journal/journal.ts";

export const ENTRY_HEADER_BYTES = 48;
const EVERYONE = 1, MARK = 2, TOPIC = 4, OWN_TTL = 8, PUSH = 16, SPAN = 32, SEQUENCE = 64;

/** An entry of a journal that numbers its entries. */
type NumberedEntry = Entry & { readonly sequence?: number };

/** What the entry takes at most, if every UTF-16 unit of its fields takes three bytes. */
export function maxBytesOfEntry({ id, target, position, topic, span, bytes }: Entry): number {
  const units = (id?.length ?? 0) + (target?.length ?? 0) + position.length + (topic?.length ?? 0) +
    (span?.length ?? 0);
  return ENTRY_HEADER_BYTES + 3 * units + bytes;
}

/** Writes an entry from an offset. Returns where it ends. */
export function writeEntry(
  { buffer, view }: { buffer: Buffer; view: DataView },
  offset: number,
  entry: NumberedEntry,
): number {
  const { id, target, position, topic, span, text, sequence } = entry;
  const flags = (target === null ? EVERYONE : 0) | (id === null ? MARK : 0) | (topic === null ? 0 : TOPIC) |
    (entry.hasOwnTtl ? OWN_TTL : 0) | (entry.hasPush ? PUSH : 0) | (span === undefined ? 0 : SPAN) |
    (sequence === undefined ? 0 : SEQUENCE);
  view.setUint32(offset, flags);
  view.setUint32(offset + 4, position.length);
  view.setUint32(offset + 8, id?.length ?? 0);
  view.setUint32(offset + 12, target?.length ?? 0);
  view.setUint32(offset + 16, topic?.length ?? 0);
  view.setUint32(offset + 24, entry.bytes);
  view.setFloat64(offset + 32, entry.expiresAt);
  view.setFloat64(offset + 40, sequence ?? 0);
  const all = `${position}${id ?? ""}${target ?? ""}${topic ?? ""}${span ?? ""}${text}`; // a write costs as much as 300 characters
  const end = offset + ENTRY_HEADER_BYTES + buffer.write(all, offset + ENTRY_HEADER_BYTES, "utf8");
  view.setUint32(offset + 28, end - entry.bytes - offset);
  return end;
}

export function readEntry(
  { buffer, view }: { buffer: Buffer; view: DataView },
  offset: number,
  end: number,
): NumberedEntry {
  const textAt = offset + view.getUint32(offset + 28);
  const head = buffer.toString("utf8", offset + ENTRY_HEADER_BYTES, textAt);
  const flags = view.getUint32(offset);
  const afterPosition = view.getUint32(offset + 4);
  const afterId = afterPosition + view.getUint32(offset + 8);
  const afterTarget = afterId + view.getUint32(offset + 12);
  const afterTopic = afterTarget + view.getUint32(offset + 16);
  const entry = {
    id: (flags & MARK) === 0 ? head.slice(afterPosition, afterId) : null,
    position: head.slice(0, afterPosition),
    target: (flags & EVERYONE) === 0 ? head.slice(afterId, afterTarget) : null,
    topic: (flags & TOPIC) === 0 ? null : head.slice(afterTarget, afterTopic),
    expiresAt: view.getFloat64(offset + 32),
    hasOwnTtl: (flags & OWN_TTL) !== 0,
    hasPush: (flags & PUSH) !== 0,
    text: buffer.toString("utf8", textAt, end),
    bytes: view.getUint32(offset + 24),
    sequence: view.getFloat64(offset + 40),
  };
  if ((flags & SPAN) === 0 && (flags & SEQUENCE) !== 0) return entry;
  const { sequence, ...unnumbered } = entry;
  return {
    ...unnumbered,
    ...(flags & SEQUENCE) === 0 ? {} : { sequence },
    ...(flags & SPAN) === 0 ? {} : { span: head.slice(afterTopic) },
  };
}
