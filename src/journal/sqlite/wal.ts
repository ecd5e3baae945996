/** The write-ahead log of SQLite (`-wal`): what Tidings reads from it beside SQLite (https://sqlite.org/fileformat2.html#walformat). */

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const INDEX_HEADER_BYTES = 48;
const MAGIC = 0x377f0682; // the last bit is the byte order of the checksums
const IS_LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1; // `-shm` has the machine's own order

/** Returns the header, which changes whenever SQLite begins the log anew. It is undefined if there is none. */
export function walHeader(path: string): Uint8Array | undefined {
  using file = openIfExists(path);
  const header = file && readAt(file, 0, HEADER_BYTES);
  return header && (view(header).getUint32(0) & ~1) === MAGIC ? header : undefined;
}

/** Returns the smallest size that a log with so many frames can have. */
export function walBytes(frames: number, pageSize: number): number {
  return frames === 0 ? 0 : HEADER_BYTES + frames * (FRAME_HEADER_BYTES + pageSize);
}

/**
 * Returns the number of frames up to the end of the last transaction that was ever committed to the log of a database.
 * SQLite itself stops at the first frame that is damaged, and does not say that it dropped the transactions after it.
 * It must not have opened the database since the process that wrote the log ended.
 */
export function committedFrames(path: string): number {
  const header = walHeader(`${path}-wal`);
  using file = openIfExists(`${path}-wal`);
  if (header === undefined || file === undefined) return 0;
  const salts = header.slice(16, 24).toString();
  const pageBytes = view(header).getUint32(8);
  const frameBytes = FRAME_HEADER_BYTES + pageBytes;
  const { size } = file.statSync();
  const finished = finishedFrames(`${path}-shm`, salts);
  let committed = 0;
  for (let frame = 1;; frame++) {
    const isWhole = frame <= finished && walBytes(frame, pageBytes) <= size;
    const read = isWhole
      ? readAt(file, HEADER_BYTES + (frame - 1) * frameBytes, FRAME_HEADER_BYTES)
      : undefined;
    if (read === undefined) return committed;
    const isOfThisLog = read.slice(8, 16).toString() === salts; // otherwise it is left over from an earlier log
    const isCommit = view(read).getUint32(4) !== 0;
    if (isOfThisLog && isCommit) committed = frame;
  }
}

/**
 * Returns the number of frames of the transactions that were finished, from the header of `-shm`, which SQLite writes at
 * the end of each (https://sqlite.org/walformat.html#the_wal_index_header). SQLite writes the header of a frame before
 * its page, and of a hundred processes that are killed while they write, one ends in between. Its last transaction looks
 * like a damaged one, but was never confirmed.
 *
 * After a power cut there may be no such file, or one of an earlier log. Then every frame may be one of a finished
 * transaction.
 *
 * @param salts those of the log
 */
function finishedFrames(path: string, salts: string): number {
  using file = openIfExists(path);
  const header = file && readAt(file, 0, INDEX_HEADER_BYTES);
  const isOfThisLog = header?.slice(32, 40).toString() === salts;
  return header && isOfThisLog ? view(header).getUint32(16, IS_LITTLE_ENDIAN) : Infinity;
}

function openIfExists(path: string): Deno.FsFile | undefined {
  try {
    return Deno.openSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function readAt(file: Deno.FsFile, offset: number, bytes: number): Uint8Array | undefined {
  const buffer = new Uint8Array(bytes);
  file.seekSync(offset, Deno.SeekMode.Start);
  return file.readSync(buffer) === bytes ? buffer : undefined;
}

function view({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
