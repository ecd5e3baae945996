/** Splits messages that are larger than NATS accepts into chunks, and reassembles them. */

import { Buffer } from "node:buffer";
import { MAX_MISSED_BEATS } from "./membership.ts";

/** Limits one message. A question about 10,000 notifications has at most 13 MiB. */
const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;
/** Limits all incomplete messages together. */
const MAX_INCOMPLETE_BYTES = 64 * 1024 * 1024;

/** A chunk of a message. `label` is `2/3` for the second of three, and null if the message has only one chunk. */
export interface Chunk {
  readonly data: Uint8Array;
  readonly label: string | null;
}

/** @throws {RangeError} if the message has more than 32 MiB */
export function chunksOf(data: Uint8Array, chunkBytes: number): Chunk[] {
  if (data.length <= chunkBytes) return [{ data, label: null }];
  if (data.length > MAX_MESSAGE_BYTES) {
    throw new RangeError(`${data.length} bytes are too many for a message`);
  }
  const count = Math.ceil(data.length / chunkBytes);
  return Array.from({ length: count }, (_, index) => (
    { data: data.subarray(index * chunkBytes, (index + 1) * chunkBytes), label: `${index + 1}/${count}` }
  ));
}

interface IncompleteMessage {
  readonly count: number;
  readonly chunks: Uint8Array[];
  bytes: number;
  /** Heartbeats since the last chunk arrived. */
  missedBeats: number;
}

/** Reassembles messages. NATS delivers the chunks of a message in order, but it may lose some of them. */
export class ChunkAssembler {
  readonly #incomplete = new Map<string, IncompleteMessage>();
  #bytes = 0;

  /** Bytes that wait for the rest of their messages. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Returns the message if this chunk completes it. A chunk without a label is a complete message.
   *
   * @param key identifies the message; its chunks have the same key
   * @throws {RangeError | SyntaxError} if the chunk is out of order, too large, or has an invalid label; the chunks
   * before it are then dropped
   */
  add(key: string, { data, label }: Chunk): Uint8Array | undefined {
    if (label === null) {
      this.#drop(key);
      return data;
    }
    const { index, count } = parseLabel(label);
    const message = this.#incomplete.get(key) ?? { count, chunks: [], bytes: 0, missedBeats: 0 };
    this.#drop(key);
    if (message.count !== count || message.chunks.length !== index - 1) {
      throw new RangeError(`chunk ${label} is not the next one of its message`);
    }
    message.chunks.push(data);
    message.bytes += data.length;
    message.missedBeats = 0;
    if (message.bytes > MAX_MESSAGE_BYTES || this.#bytes + message.bytes > MAX_INCOMPLETE_BYTES) {
      throw new RangeError(`chunk ${label} exceeds the limit for incomplete messages`);
    }
    if (index === count) return Buffer.concat(message.chunks);
    this.#incomplete.set(key, message);
    this.#bytes += message.bytes;
    return undefined;
  }

  /** Drops messages whose next chunk has been missing for several heartbeats. */
  beat(): void {
    for (const [key, message] of this.#incomplete) {
      if (++message.missedBeats >= MAX_MISSED_BEATS) this.#drop(key);
    }
  }

  #drop(key: string): void {
    this.#bytes -= this.#incomplete.get(key)?.bytes ?? 0;
    this.#incomplete.delete(key);
  }
}

function parseLabel(label: string): { index: number; count: number } {
  const [, index, count] = /^([1-9]\d{0,5})\/([1-9]\d{0,5})$/.exec(label) ?? [];
  const parsed = { index: Number(index), count: Number(count) };
  if (!(parsed.index <= parsed.count)) {
    throw new SyntaxError(`${JSON.stringify(label)} is no label of a chunk`);
  }
  return parsed;
}
