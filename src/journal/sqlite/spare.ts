/** Spare: a file that takes up room on the disk, so that there is some to delete entries with when the disk is full. */

import { removeIfExists } from "./remove_if_exists.ts";

const CHUNK = new Uint8Array(64 * 1024);
const MARGIN_BYTES = 64 * 1024;

/**
 * SQLite needs room to delete: for the transaction in `-wal`, and for moving what is in `-wal` to the database, which
 * may have to grow by that much. The spare is as large as `-wal` becomes, and some more.
 */
export class Spare {
  readonly #path: string;
  readonly #sizes: readonly number[];
  #walBytes: number;
  #isHeld = false;

  /** @param sizes how large `-wal` may become, the best first */
  constructor(path: string, sizes: readonly [number, ...number[]]) {
    this.#path = path;
    this.#sizes = sizes;
    this.#walBytes = sizes[0];
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** How large `-wal` may become before it is moved to the database. */
  get walBytes(): number {
    return this.#walBytes;
  }

  /**
   * Holds the spare. The one of an earlier run is enough if the disk is full.
   *
   * @throws the error of the file system if there is no room
   */
  holdFirst(): void {
    try {
      this.hold();
    } catch (error) {
      const earlier = sizeOf(this.#path) - MARGIN_BYTES;
      if (!this.#sizes.includes(earlier)) throw error;
      this.#walBytes = earlier;
      this.#isHeld = true;
    }
  }

  /**
   * Holds the spare for the best size for which the disk has room, also for `-wal` beside the spare.
   *
   * @throws the error of the file system if there is no room
   */
  hold(): void {
    let failure: unknown;
    for (const size of this.#sizes) {
      try {
        reserve(this.#path, { spare: size + MARGIN_BYTES, beside: size });
        this.#walBytes = size;
        this.#isHeld = true;
        return;
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  release(): void {
    this.#isHeld = false;
    removeIfExists(this.#path);
  }
}

/** Gives a file the size of the spare. For a moment it is larger, to find out whether there is room for more. */
function reserve(path: string, { spare, beside }: { spare: number; beside: number }): void {
  const before = sizeOf(path);
  try {
    extend(path, spare + beside);
  } catch (error) {
    if (before === 0) removeIfExists(path);
    else Deno.truncateSync(path, before);
    throw error;
  }
  Deno.truncateSync(path, spare);
}

/** Extends a file with zeros. A file with a hole would take up no room. */
function extend(path: string, bytes: number): void {
  using file = Deno.openSync(path, { create: true, append: true });
  for (let left = bytes - file.statSync().size; left > 0;) left -= file.writeSync(CHUNK.subarray(0, left));
  file.syncDataSync(); // some file systems do not notice before that there is no room
}

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}
