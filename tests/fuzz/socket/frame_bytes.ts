/** The bytes of a step. */

import { encodeFrame, OPCODE } from "../../conformance/client/frame.ts";
import type { Payload, Step } from "./attack.ts";

const encoder = new TextEncoder();
const MASK = [0x37, 0xfa, 0x21, 0x3d];

/** @param fill puts something in place of placeholders */
export function bytesOf(step: Step, fill: (text: string) => string): Uint8Array<ArrayBuffer> {
  const contentOf = (payload: Payload) =>
    "text" in payload ? encoder.encode(fill(payload.text)) : Uint8Array.fromHex(payload.hex);
  switch (step.do) {
    case "frame":
      return frameOf(step, contentOf(step.payload));
    case "fragments":
      return fragmentsOf(contentOf(step.payload), step.sizes);
    case "bytes":
      return Uint8Array.fromHex(step.hex);
    case "burst": {
      const frame = encodeFrame({ opcode: OPCODE.text, payload: encoder.encode(fill(step.text)) });
      return joined(Array.from({ length: step.count }, () => frame));
    }
  }
}

function frameOf(
  { opcode, fin, rsv, isMasked, lengthBytes, claims }: Step & { readonly do: "frame" },
  payload: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const mask = isMasked ? MASK : null, most = lengthBytes === 2 ? 65_535 : Infinity;
  const length = lengthBytes === null ? {} : { lengthBytes };
  const content = payload.subarray(0, most);
  if (claims === null) return encodeFrame({ opcode, payload: content }, { fin, rsv, mask, ...length });
  const head = [(fin ? 128 : 0) | rsv << 4 | opcode, (isMasked ? 128 : 0) | 127, ...bigEndian(claims)];
  return joined([new Uint8Array([...head, ...mask ?? []]), content]);
}

/** Eight bytes. */
function bigEndian(number: number): number[] {
  return Array.from({ length: 8 }, (_, at) => Number(BigInt(number) >> BigInt(8 * (7 - at)) & 255n));
}

/** The last one has what is left. */
function fragmentsOf(payload: Uint8Array, sizes: readonly number[]): Uint8Array<ArrayBuffer> {
  let at = 0;
  const frames = sizes.map((size, index) => {
    const part = payload.subarray(at, at += size);
    return encodeFrame({ opcode: index === 0 ? OPCODE.text : OPCODE.continuation, payload: part }, {
      fin: false,
    });
  });
  return joined([...frames, encodeFrame({ opcode: OPCODE.continuation, payload: payload.subarray(at) })]);
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
