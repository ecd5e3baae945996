/** What the worker reports of the file of a SQLite journal: when it has opened it, and after an attempt to write to it. */

import type { FileState } from "./startup.ts";

/** The file when it has been opened. */
export interface OpenedFile extends FileState {
  /** Why nothing can be written now, although everything can be read; null: it can be written. */
  readonly unwritable: string | null;
}

/** The result of an attempt to write after another one failed. */
export interface Relief {
  /** True if the evictions are written, even if there is no room for entries. */
  readonly isWritten: boolean;
  /** Why no entries can be written; null: they can. */
  readonly unwritable: string | null;
}
