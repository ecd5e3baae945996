/** Receipts as the bytes of a record: what the owner of the journal answers to an append. */

import type { Buffer } from "node:buffer";
import type { Receipt } from "../journal/journal.ts";

const BYTES_EACH = 10;
const MAX_POSITION_BYTES = 32;
const OUTCOMES = ["kept", "repeated"] as const;
const CONFLICT = OUTCOMES.length;

export function maxBytesOfReceipts({ length }: readonly Receipt[]): number {
  return 4 + (BYTES_EACH + MAX_POSITION_BYTES) * length;
}

/** Writes receipts from an offset. Returns where they end. */
export function writeReceipts(
  { buffer, view }: { buffer: Buffer; view: DataView },
  offset: number,
  receipts: readonly Receipt[],
): number {
  let positions = "", at = offset + 4;
  view.setUint32(offset, receipts.length);
  for (const receipt of receipts) {
    const isConflict = receipt.outcome === "conflict";
    view.setUint8(at, receipt.outcome === "conflict" ? CONFLICT : OUTCOMES.indexOf(receipt.outcome));
    view.setUint8(at + 1, isConflict ? 0 : receipt.position.length);
    view.setFloat64(at + 2, isConflict ? 0 : receipt.expiresAt);
    if (!isConflict) positions += receipt.position;
    at += BYTES_EACH;
  }
  return at + (positions === "" ? 0 : buffer.write(positions, at, "utf8"));
}

export function readReceipts(
  { buffer, view }: { buffer: Buffer; view: DataView },
  offset: number,
  end: number,
): Receipt[] {
  const count = view.getUint32(offset), receipts: Receipt[] = [];
  const positions = buffer.toString("utf8", offset + 4 + BYTES_EACH * count, end);
  for (let index = 0, from = 0; index < count; index++) {
    const at = offset + 4 + BYTES_EACH * index;
    const outcome = OUTCOMES[view.getUint8(at)], to = from + view.getUint8(at + 1);
    receipts.push(
      outcome === undefined
        ? { outcome: "conflict" }
        : { outcome, position: positions.slice(from, to), expiresAt: view.getFloat64(at + 2) },
    );
    from = to;
  }
  return receipts;
}
