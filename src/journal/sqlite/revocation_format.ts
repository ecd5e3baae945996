/** How revocations are stored in the SQLite journal's file. */

import type { StoredRevocation } from "../../revocation/revocation_store.ts";
import type { RowFormat } from "./beside_table.ts";

export const REVOCATION_FORMAT: RowFormat<StoredRevocation> = {
  table: "revocations",
  columns: 5,
  valuesOf({ sequence, revocation }) {
    const { keptUntil } = revocation;
    return "jti" in revocation
      ? [sequence, revocation.jti, null, null, keptUntil]
      : [sequence, null, revocation.target, revocation.issuedBefore, keptUntil];
  },
  parse({ sequence, jti, target, issued_before, kept_until }) {
    const keptUntil = Number(kept_until);
    const revocation = jti === null
      ? { target: String(target), issuedBefore: Number(issued_before), keptUntil }
      : { jti: String(jti), keptUntil };
    return { sequence: Number(sequence), revocation };
  },
};
