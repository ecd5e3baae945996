/** Tables: reads and writes the rows of the SQLite journal, each with its checksum. */

import type { DatabaseSync } from "node:sqlite";
import type { EntryMeta } from "../index/target_log.ts";
import { hasPush, parseEntryId } from "../entry_text.ts";
import type { ReadEntry } from "../read.ts";
import { checksumOf, type Row } from "./checksum.ts";
import { ENTRY, MARK, NOTIFICATION, NOTIFICATION_WITH_TTL, type RowPage, scan, textsOf } from "./rows.ts";
import { EVERYONE, type Loss } from "./startup.ts";
import { type MarkRow, parseStoredMark } from "./stored_mark.ts";

/** A draft whose id the publisher chose. Times are in milliseconds since 1970. */
export interface SentId {
  readonly sequence: number;
  readonly id: string;
  readonly target: string | null;
  readonly digest: string;
  readonly sentAt: number;
  readonly expiresAt: number;
}

/** The changes of one transaction. */
export interface FileWrite {
  /** The sequence number of the newest entry. */
  readonly head: number;
  /** The notifications to insert. */
  readonly entries: readonly EntryMeta[];
  /** The texts of `entries`, in the same order. */
  readonly texts: readonly string[];
  /** The marks to insert. */
  readonly marks: readonly MarkRow[];
  readonly sentIds: readonly SentId[];
  /** The sent ids that take the place of those with the same sequence numbers. */
  readonly changedIds: readonly SentId[];
  /** The targets of which no loss is to be remembered under their names. */
  readonly erasedTargets: readonly string[];
  /** The sequence numbers of entries to delete. */
  readonly evicted: readonly number[];
  /** The sequence numbers of sent ids to delete. */
  readonly forgottenIds: readonly number[];
  /** Any target may have lost entries up to this sequence number. */
  readonly completeAfter: number;
  readonly losses: readonly Loss[];
  /** The sequence numbers of the notifications that the marks mark as read. */
  readonly newlyRead: readonly number[];
}

export class Tables {
  readonly #statements: ReturnType<typeof prepare>;
  readonly #epoch: string;

  constructor(database: DatabaseSync, epoch: string) {
    this.#statements = prepare(database);
    this.#epoch = epoch;
  }

  /** Returns up to `max` entries after a sequence number, without their texts. */
  entriesAfter(sequence: number, max: number): RowPage<EntryMeta> {
    const { entriesAfter, nextEntry } = this.#statements;
    return scan({ rowsAfter: entriesAfter, next: nextEntry, parse: toEntryMeta }, sequence, max);
  }

  /** Returns up to `max` sent ids whose drafts come after a sequence number. */
  sentIdsAfter(sequence: number, max: number): RowPage<SentId> {
    const { sentIdsAfter, nextSentId } = this.#statements;
    return scan({ rowsAfter: sentIdsAfter, next: nextSentId, parse: toSentId }, sequence, max);
  }

  /** Returns the texts of entries; null for an entry that is damaged or missing. */
  texts(sequences: readonly number[]): (string | null)[] {
    return textsOf(sequences, { rowOf: this.#statements.entry, column: "text" });
  }

  /** Returns notifications that were read; null for one that is damaged or missing. */
  read(sequences: readonly number[]): (ReadEntry | null)[] {
    return this.texts(sequences).map((text) =>
      text === null ? null : { id: parseEntryId(text), hasPush: hasPush(text) }
    );
  }

  /** Must be called in a transaction. */
  apply(write: FileWrite): void {
    const { head, entries, texts, marks, sentIds, evicted, forgottenIds, completeAfter, losses } = write;
    const { insertEntry, insertId, replaceId, deleteEntry, deleteId, setLoss, deleteLoss } = this.#statements;
    for (const [index, { sequence, target, topic, expiresAt, hasOwnTtl, bytes }] of entries.entries()) {
      const kind = hasOwnTtl ? NOTIFICATION_WITH_TTL : NOTIFICATION;
      const values = [sequence, target, topic, expiresAt, kind, bytes, texts[index] ?? ""];
      insertEntry.run(...values, checksumOf(values));
    }
    for (const { sequence, target, expiresAt, bytes, text } of marks) {
      const values = [sequence, target, null, expiresAt, MARK, bytes, text];
      insertEntry.run(...values, checksumOf(values));
    }
    for (const { sequence, id, target, digest, sentAt, expiresAt } of sentIds) {
      const values = [sequence, id, target, digest, sentAt, expiresAt];
      insertId.run(...values, checksumOf(values));
    }
    for (const { sequence, id, target, digest, sentAt, expiresAt } of write.changedIds) {
      const values = [sequence, id, target, digest, sentAt, expiresAt];
      replaceId.run(...values, checksumOf(values));
    }
    for (const target of write.erasedTargets) deleteLoss.run(target);
    for (const sequence of evicted) deleteEntry.run(sequence);
    for (const sequence of forgottenIds) deleteId.run(sequence);
    for (const { target, sequence } of losses) {
      const values = [target ?? EVERYONE, sequence];
      setLoss.run(...values, checksumOf(values));
    }
    // The newest entry itself tells the head, as long as none is deleted. Leaving the state as it was saves a page.
    const newest = Math.max(entries.at(-1)?.sequence ?? 0, marks.at(-1)?.sequence ?? 0);
    const isStateCurrent = head === newest && evicted.length === 0;
    if (!isStateCurrent) this.#setState(head, completeAfter);
  }

  #setState(head: number, completeAfter: number): void {
    this.#statements.setState.run(head, completeAfter, checksumOf([1, this.#epoch, head, completeAfter]));
  }
}

function prepare(database: DatabaseSync) {
  return {
    entriesAfter: database.prepare("SELECT * FROM entries WHERE sequence > ? ORDER BY sequence LIMIT ?"),
    nextEntry: database.prepare("SELECT min(sequence) AS sequence FROM entries WHERE sequence > ?"),
    sentIdsAfter: database.prepare("SELECT * FROM sent_ids WHERE sequence > ? ORDER BY sequence LIMIT ?"),
    nextSentId: database.prepare("SELECT min(sequence) AS sequence FROM sent_ids WHERE sequence > ?"),
    entry: database.prepare(ENTRY),
    insertEntry: database.prepare("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)"),
    insertId: database.prepare("INSERT INTO sent_ids VALUES (?, ?, ?, ?, ?, ?, ?)"),
    replaceId: database.prepare("REPLACE INTO sent_ids VALUES (?, ?, ?, ?, ?, ?, ?)"),
    deleteLoss: database.prepare("DELETE FROM losses WHERE target = ?"),
    deleteEntry: database.prepare("DELETE FROM entries WHERE sequence = ?"),
    deleteId: database.prepare("DELETE FROM sent_ids WHERE sequence = ?"),
    setLoss: database.prepare("INSERT OR REPLACE INTO losses VALUES (?, ?, ?)"),
    setState: database.prepare("UPDATE journal SET head = ?, lost_through = ?, checksum = ?"),
  };
}

function toEntryMeta(row: Row): EntryMeta {
  return {
    sequence: Number(row.sequence),
    target: textOrNull(row.target),
    topic: textOrNull(row.topic),
    expiresAt: Number(row.expires_at),
    hasOwnTtl: row.kind === NOTIFICATION_WITH_TTL,
    bytes: Number(row.bytes),
    mark: row.kind === MARK ? parseStoredMark(String(row.text)) : null,
  };
}

function toSentId(row: Row): SentId {
  return {
    sequence: Number(row.sequence),
    id: String(row.id),
    target: textOrNull(row.target),
    digest: String(row.digest),
    sentAt: Number(row.sent_at),
    expiresAt: Number(row.expires_at),
  };
}

function textOrNull(value: unknown): string | null {
  return value === null ? null : String(value);
}
