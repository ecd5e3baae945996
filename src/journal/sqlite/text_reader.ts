/** TextReader: reads a few texts from the journal's file on the event loop, beside the worker that writes the file. */

import { DatabaseSync, type StatementSync } from "node:sqlite";
import { ENTRY, textsOf } from "./rows.ts";

/** 64 texts take 0.3 ms. */
const MAX_TEXTS = 64;
const MAX_BYTES = 128 * 1024;

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
  #connection: Connection | undefined;
  #pauses = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Returns the texts of entries. Undefined: they are too many or too large, or not all of them could be read.
   *
   * @param options.bytes the length of all texts
   */
  read(sequences: readonly number[], { bytes }: { bytes: number }): readonly string[] | undefined {
    if (this.#pauses > 0 || sequences.length > MAX_TEXTS || bytes > MAX_BYTES) return undefined;
    try {
      const { database, entry } = this.#connection ??= connect(this.#path);
      database.exec("BEGIN"); // one transaction locks the log once, and not for each row
      const texts = textsOf(sequences, { rowOf: entry, column: "text" });
      database.exec("COMMIT");
      return texts.every((text) => text !== null) ? texts : undefined;
    } catch {
      this.close();
      return undefined;
    }
  }

  /**
   * Reads nothing until the task has ended. SQLite shares `-shm` among all connections of a process, so none may be open
   * while the worker replaces it.
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
