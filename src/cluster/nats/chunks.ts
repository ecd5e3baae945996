/** Parts: messages that are larger than NATS lets through in one piece, taken apart and put together again. */

import { Buffer } from "node:buffer";
import { MAX_MISSED } from "./membership.ts";

/** Of one message; that of a question about 10,000 notifications is 13 MiB at most. */
const MAX_BYTES = 32 * 1024 * 1024;
/** Of all messages of which parts are missing. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;

/** A part of a message: `label` is `2/3` for the second of three, and null if the message has only one. */
export interface Chunk {
  readonly data: Uint8Array;
  readonly label: string | null;
}

/** Takes a message apart. Throws a {@linkcode RangeError} if it is too large even so. */
export function chunksOf(data: Uint8Array, partBytes: number): Chunk[] {
  if (data.length <= partBytes) return [{ data, label: null }];
  if (data.length > MAX_BYTES) throw new RangeError(`${data.length} bytes are too many for a message`);
  const count = Math.ceil(data.length / partBytes);
  return Array.from({ length: count }, (_, index) => (
    { data: data.subarray(index * partBytes, (index + 1) * partBytes), label: `${index + 1}/${count}` }
  ));
}

/** A message of which parts are missing. */
interface IncompleteMessage {
  readonly count: number;
  readonly chunks: Uint8Array[];
  bytes: number;
  missed: number;
}

/** Puts messages together. The parts of each come in their order or, if one was lost, not at all. */
export class ChunkAssembler {
  readonly #unfinished = new Map<string, IncompleteMessage>();
  #bytes = 0;

  /** Bytes that wait for the rest of their messages. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * The message, if this was the last part of it. A part with the same key belongs to the same message; one without
   * a label is a message. Throws if this part cannot be right, and forgets those before it.
   */
  add(key: string, { data, label }: Chunk): Uint8Array | undefined {
    if (label === null) {
      this.#forget(key);
      return data;
    }
    const { index, count } = placeIn(label);
    const message = this.#unfinished.get(key) ?? { count, chunks: [], bytes: 0, missed: 0 };
    this.#forget(key);
    if (message.count !== count || message.chunks.length !== index - 1) {
      throw new RangeError(`part ${label} is not the next of its message`);
    }
    message.chunks.push(data);
    message.bytes += data.length;
    message.missed = 0;
    if (message.bytes > MAX_BYTES || this.#bytes + message.bytes > MAX_WAITING_BYTES) {
      throw new RangeError(`part ${label} is more than can be kept until the rest comes`);
    }
    if (index === count) return Buffer.concat(message.chunks);
    this.#unfinished.set(key, message);
    this.#bytes += message.bytes;
    return undefined;
  }

  /** Forgets the messages of which nothing has come for some beats. */
  beat(): void {
    for (const [key, message] of this.#unfinished) {
      if (++message.missed >= MAX_MISSED) this.#forget(key);
    }
  }

  #forget(key: string): void {
    this.#bytes -= this.#unfinished.get(key)?.bytes ?? 0;
    this.#unfinished.delete(key);
  }
}

function placeIn(label: string): { index: number; count: number } {
  const [, index, count] = /^([1-9]\d{0,5})\/([1-9]\d{0,5})$/.exec(label) ?? [];
  const place = { index: Number(index), count: Number(count) };
  if (!(place.index <= place.count)) throw new SyntaxError(`no part of a message is ${label}`);
  return place;
}
