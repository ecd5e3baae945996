/** TextReader: reads a few texts from the journal's file on the event loop, beside the worker that writes the file. */

import { DatabaseSync, type StatementSync } from "node:sqlite";
import { ENTRY, textOf } from "./rows.ts";

/** 64 texts take 0.3 ms. */
const MAX_TEXTS = 64;
const MAX_BYTES = 128 * 1024;
const MAX_MS = 0.5; // fifty texts that only the disk has take 4 to 10 ms, also on a fast one

interface Connection {
  readonly database: DatabaseSync;
  readonly entry: StatementSync;
}

/**
 * The worker carries out requests in order, so a page that it reads waits for the transaction before it, and for the
 * disk. SQLite's write-ahead log lets another connection read meanwhile. What the worker has written is in it, so this
 * one sees it too. Whatever this one cannot read, it leaves to the worker, which knows why.
 */
export class TextReader {
  readonly #path: string;
  readonly #now: () => number;
  #connection: Connection | undefined;
  #pauses = 0;

  /** @param now returns milliseconds */
  constructor(path: string, now: () => number = () => performance.now()) {
    this.#path = path;
    this.#now = now;
  }

  /**
   * Returns the texts of the first of these entries: of none if all together are too many or too large, otherwise up to
   * the first that is damaged or missing, or that took too long because it had to be read from the disk.
   *
   * @param options.bytes the length of all texts
   */
  read(sequences: readonly number[], { bytes }: { bytes: number }): readonly string[] {
    if (this.#pauses > 0 || sequences.length > MAX_TEXTS || bytes > MAX_BYTES) return [];
    try {
      const { database, entry } = this.#connection ??= connect(this.#path);
      database.exec("BEGIN"); // one transaction locks the log once, and not for each row
      const texts = this.#readFirst(sequences, entry);
      database.exec("COMMIT"); // the log can only begin anew when nobody reads it
      return texts;
    } catch {
      this.close();
      return [];
    }
  }

  #readFirst(sequences: readonly number[], rowOf: StatementSync): string[] {
    const texts: string[] = [];
    const end = this.#now() + MAX_MS;
    for (const sequence of sequences) {
      const text = textOf(sequence, { rowOf, column: "text" });
      if (text === null) break;
      texts.push(text);
      if (this.#now() >= end) break;
    }
    return texts;
  }

  /**
   * Reads nothing until the task has ended. SQLite shares `-shm` among all connections of a process, so none may be open
   * while the worker replaces it. When it replaces the file, one that is open would read the old one for ever.
   */
  async pauseFor<T>(task: () => Promise<T>): Promise<T> {
    this.#pauses++;
    this.close();
    try {
      return await task();
    } finally {
      this.#pauses--;
    }
  }

  close(): void {
    this.#connection?.database.close();
    this.#connection = undefined;
  }
}

function connect(path: string): Connection {
  const database = new DatabaseSync(path, { readOnly: true });
  return { database, entry: database.prepare(ENTRY) };
}
