/** The header of a SQLite journal's file, read without SQLite, which would change a file that a crash has left. */

import { APPLICATION_ID, MIGRATIONS } from "./schema.ts";

const MAGIC = "SQLite format 3\0";
const HEADER_BYTES = 100;

/** See https://sqlite.org/fileformat2.html#the_database_header. */
export class FileHeader {
  /** Why the file cannot be opened as a journal; null: it can. */
  readonly problem: string | null;
  /** True if it is from an earlier version, and will be migrated. */
  readonly isOutdated: boolean;

  constructor(header: Uint8Array) {
    const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
    const isDatabase = header.length === HEADER_BYTES &&
      new TextDecoder("latin1").decode(header.subarray(0, MAGIC.length)) === MAGIC;
    const version = isDatabase ? view.getUint32(60) : 0;
    const isJournal = isDatabase && view.getUint32(68) === APPLICATION_ID;
    this.isOutdated = isJournal && version < MIGRATIONS.length;
    if (!isDatabase) this.problem = "the file is not a database";
    else if (!isJournal) this.problem = "it is a database of another program";
    else if (version > MIGRATIONS.length) this.problem = "it is from a later version of Tidings";
    else this.problem = null;
  }

  static read(path: string): FileHeader {
    using file = Deno.openSync(path);
    const bytes = new Uint8Array(HEADER_BYTES);
    return new FileHeader(bytes.subarray(0, file.readSync(bytes) ?? 0));
  }
}
