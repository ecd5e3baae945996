/** The write-ahead log of SQLite (`-wal`): what Tidings reads from it beside SQLite (https://sqlite.org/fileformat2.html#walformat). */

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const MAGIC = 0x377f0682; // the last bit is the byte order of the checksums

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
 * Returns the number of frames up to the end of the last transaction that was ever committed to this log. SQLite itself
 * stops at the first frame that is damaged, and does not say that it dropped the transactions after it.
 */
export function committedFrames(path: string): number {
  const header = walHeader(path);
  using file = openIfExists(path);
  if (header === undefined || file === undefined) return 0;
  const salts = header.slice(16, 24).toString();
  const frameBytes = FRAME_HEADER_BYTES + view(header).getUint32(8);
  let committed = 0;
  for (let frame = 1;; frame++) {
    const read = readAt(file, HEADER_BYTES + (frame - 1) * frameBytes, FRAME_HEADER_BYTES);
    if (read === undefined) return committed;
    const isOfThisLog = read.slice(8, 16).toString() === salts; // otherwise it is left over from an earlier log
    const isCommit = view(read).getUint32(4) !== 0;
    if (isOfThisLog && isCommit) committed = frame;
  }
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
