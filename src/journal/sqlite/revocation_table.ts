/** RevocationTable: reads and writes the revocations in the SQLite journal's file, each with its checksum. */

import type { DatabaseSync } from "node:sqlite";
import type { RevocationChanges, StoredRevocation } from "../../revocation/revocation_store.ts";
import { checksumOf, type Row } from "./checksum.ts";
import { type RowPage, scan } from "./rows.ts";

export class RevocationTable {
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: DatabaseSync) {
    this.#statements = prepare(database);
  }

  /** Returns up to `max` revocations after a sequence number. */
  after(sequence: number, max: number): RowPage<StoredRevocation> {
    const { after, next } = this.#statements;
    return scan({ rowsAfter: after, next, parse: toRevocation }, sequence, max);
  }

  /** Must be called in a transaction. */
  apply({ added, removed }: RevocationChanges): void {
    for (const { sequence, revocation } of added) {
      const { keptUntil } = revocation;
      const values = "jti" in revocation
        ? [sequence, revocation.jti, null, null, keptUntil]
        : [sequence, null, revocation.target, revocation.issuedBefore, keptUntil];
      this.#statements.insert.run(...values, checksumOf(values));
    }
    for (const sequence of removed) this.#statements.remove.run(sequence);
  }
}

function prepare(database: DatabaseSync) {
  return {
    after: database.prepare("SELECT * FROM revocations WHERE sequence > ? ORDER BY sequence LIMIT ?"),
    next: database.prepare("SELECT min(sequence) AS sequence FROM revocations WHERE sequence > ?"),
    insert: database.prepare("INSERT OR REPLACE INTO revocations VALUES (?, ?, ?, ?, ?, ?)"),
    remove: database.prepare("DELETE FROM revocations WHERE sequence = ?"),
  };
}

function toRevocation({ sequence, jti, target, issued_before, kept_until }: Row): StoredRevocation {
  const keptUntil = Number(kept_until);
  const revocation = jti === null
    ? { target: String(target), issuedBefore: Number(issued_before), keptUntil }
    : { jti: String(jti), keptUntil };
  return { sequence: Number(sequence), revocation };
}
