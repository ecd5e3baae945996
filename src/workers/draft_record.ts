/** Drafts as the bytes of a record: what an isolate asks the owner of the journal to append. */

import { Buffer } from "node:buffer";
import type { Draft } from "../journal/journal.ts";

/** What most drafts have none of. */
type Extras = Omit<Draft, "id" | "target" | "data" | "digest">;

const HEADER_BYTES = 28;
const EVERYONE = 1, DIGEST = 2, EXTRAS = 4, SAME_CONTENT = 8;
const NO_EXTRAS: Extras = { ttl: null, topic: null, urgency: null, push: null };

/** What the drafts take at most, if every UTF-16 unit takes three bytes. */
export function maxBytesOfDrafts(drafts: readonly Draft[]): number {
  let units = 0, previous: Draft | undefined;
  for (const draft of drafts) {
    units += draft.target?.length ?? 0;
    if (previous === undefined || !hasSameContent(draft, previous)) {
      units += draft.id.length + draft.data.length + (draft.digest?.length ?? 0) + extrasOf(draft).length;
    }
    previous = draft;
  }
  return HEADER_BYTES * drafts.length + 3 * units;
}

/**
 * Writes drafts from an offset. Returns where they end. `data` is a text of its own, because V8 keeps the whole text of
 * which a part is kept, and ids are kept for longer.
 */
export function writeDrafts(
  { buffer, view }: { buffer: Buffer; view: DataView },
  offset: number,
  drafts: readonly Draft[],
): number {
  let at = offset, previous: Draft | undefined;
  for (const draft of drafts) {
    const { target, id, digest, data } = draft;
    const isSame = previous !== undefined && hasSameContent(draft, previous);
    const extras = isSame ? "" : extrasOf(draft);
    const flags = (target === null ? EVERYONE : 0) | (digest === null ? 0 : DIGEST) |
      (extras === "" ? 0 : EXTRAS) | (isSame ? SAME_CONTENT : 0);
    const head = isSame ? target ?? "" : `${target ?? ""}${id}${digest ?? ""}${extras}`;
    const text = isSame ? head : head + data;
    const bytes = text === "" ? 0 : buffer.write(text, at + HEADER_BYTES, "utf8");
    const headBytes = bytes === text.length ? head.length : Buffer.byteLength(head);
    view.setUint32(at, headBytes);
    view.setUint32(at + 24, bytes - headBytes);
    view.setUint32(at + 4, flags);
    view.setUint32(at + 8, target?.length ?? 0);
    view.setUint32(at + 12, id.length);
    view.setUint32(at + 16, digest?.length ?? 0);
    view.setUint32(at + 20, extras.length);
    at += HEADER_BYTES + bytes;
    previous = draft;
  }
  return at;
}

export function readDrafts(
  { buffer, view }: { buffer: Buffer; view: DataView },
  offset: number,
  end: number,
): Draft[] {
  const drafts: Draft[] = [];
  for (let at = offset; at < end;) {
    const flags = view.getUint32(at + 4), dataAt = at + HEADER_BYTES + view.getUint32(at);
    const next = dataAt + view.getUint32(at + 24);
    const head = buffer.toString("utf8", at + HEADER_BYTES, dataAt);
    const afterTarget = view.getUint32(at + 8);
    const target = (flags & EVERYONE) === 0 ? head.slice(0, afterTarget) : null;
    const previous = drafts.at(-1);
    if ((flags & SAME_CONTENT) !== 0 && previous !== undefined) {
      drafts.push({ ...previous, target });
    } else {
      const afterId = afterTarget + view.getUint32(at + 12);
      const afterDigest = afterId + view.getUint32(at + 16);
      const afterExtras = afterDigest + view.getUint32(at + 20);
      const extras: Extras = (flags & EXTRAS) === 0
        ? NO_EXTRAS
        : JSON.parse(head.slice(afterDigest, afterExtras));
      drafts.push({
        id: head.slice(afterTarget, afterId),
        target,
        data: buffer.toString("utf8", dataAt, next),
        digest: (flags & DIGEST) === 0 ? null : head.slice(afterId, afterDigest),
        ...extras,
      });
    }
    at = next;
  }
  return drafts;
}

function hasSameContent(a: Draft, b: Draft): boolean {
  return a.id === b.id && a.data === b.data && a.digest === b.digest && a.ttl === b.ttl &&
    a.topic === b.topic &&
    a.urgency === b.urgency && a.push === b.push && a.trace === b.trace && a.span === b.span;
}

function extrasOf({ ttl, topic, urgency, push, trace, span }: Draft): string {
  if (
    ttl === null && topic === null && urgency === null && push === null && trace === undefined &&
    span === undefined
  ) {
    return "";
  }
  return JSON.stringify({ ttl, topic, urgency, push, trace, span });
}
