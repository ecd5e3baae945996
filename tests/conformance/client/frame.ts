/** Frames of RFC 6455, section 5.2, also those that no client may send. */

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface Frame {
  readonly fin: boolean;
  /** The three reserved bits, from 0 to 7. */
  readonly rsv: number;
  readonly opcode: number;
  readonly isMasked: boolean;
  readonly payload: Uint8Array<ArrayBuffer>;
}

export interface FrameOptions {
  readonly fin?: boolean;
  readonly rsv?: number;
  /** The four bytes of the mask; null leaves the payload unmasked, which a client must not. */
  readonly mask?: readonly number[] | null;
  /** The number of bytes of the extended length: 0, 2 or 8. Omitted: the fewest that are enough. */
  readonly lengthBytes?: 0 | 2 | 8;
}

const MASK = [0x37, 0xfa, 0x21, 0x3d]; // that of the example in section 5.7

/** Encodes a frame of a client. */
export function encodeFrame(
  { opcode, payload }: { opcode: number; payload: Uint8Array },
  { fin = true, rsv = 0, mask = MASK, lengthBytes }: FrameOptions = {},
): Uint8Array<ArrayBuffer> {
  const extra = lengthBytes ?? (payload.length < 126 ? 0 : payload.length < 65_536 ? 2 : 8);
  const short = extra === 0 ? payload.length : extra === 2 ? 126 : 127;
  const length = Array.from(
    { length: extra },
    (_, at) => Math.floor(payload.length / 256 ** (extra - 1 - at)) % 256,
  );
  const head = [(fin ? 128 : 0) | rsv << 4 | opcode, (mask ? 128 : 0) | short, ...length, ...mask ?? []];
  const frame = new Uint8Array(head.length + payload.length);
  frame.set(head);
  payload.forEach((byte, at) => frame[head.length + at] = byte ^ (mask?.[at % 4] ?? 0));
  return frame;
}

/** The payload of a close frame, section 5.5.1. */
export function closePayload(code: number, reason: string | Uint8Array = ""): Uint8Array {
  const bytes = typeof reason === "string" ? new TextEncoder().encode(reason) : reason;
  return new Uint8Array([code >> 8, code & 255, ...bytes]);
}
