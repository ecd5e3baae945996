/** Spare: a file that takes up room on the disk, so that there is some to delete entries with when the disk is full. */

const CHUNK = new Uint8Array(64 * 1024);
const MARGIN_BYTES = 128 * 1024;

/**
 * SQLite needs room to delete: for the transaction in `-wal`, and for moving what is in `-wal` to the database, which
 * may have to grow by that much. The spare is as large as `-wal` becomes, and some more.
 */
export class Spare {
  readonly #path: string;
  #sizes: readonly number[];
  #isHeld = false;

  /** @param sizes how large `-wal` may become: the first size whose spare the disk has room for is used */
  constructor(path: string, sizes: readonly [number, ...number[]]) {
    this.#path = path;
    this.#sizes = sizes;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** How large `-wal` may become before it is moved to the database. */
  get walBytes(): number {
    return this.#sizes[0] ?? 0;
  }

  /** @throws the error of the file system if there is no room */
  hold(): void {
    while (!this.#isHeld) {
      try {
        if (sizeOf(this.#path) < this.#bytes) this.#fill();
        this.#isHeld = true;
        this.#sizes = this.#sizes.slice(0, 1);
      } catch (error) {
        if (this.#sizes.length === 1) throw error;
        this.#sizes = this.#sizes.slice(1);
      }
    }
  }

  release(): void {
    this.#isHeld = false;
    removeIfExists(this.#path);
  }

  get #bytes(): number {
    return this.walBytes + MARGIN_BYTES;
  }

  #fill(): void {
    try {
      using file = Deno.openSync(this.#path, { create: true, write: true, truncate: true });
      for (let left = this.#bytes; left > 0;) left -= file.writeSync(CHUNK.subarray(0, left));
      file.syncDataSync(); // some file systems do not notice before that there is no room
    } catch (error) {
      removeIfExists(this.#path);
      throw error;
    }
  }
}

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

function removeIfExists(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
