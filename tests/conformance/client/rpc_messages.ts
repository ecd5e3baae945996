/** As much of protobuf, Connect's envelopes and gRPC-Web's trailers as the cases of RPC need. */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A field of protobuf with text. */
export function field(number: number, text: string): Uint8Array<ArrayBuffer> {
  const bytes = encoder.encode(text);
  return new Uint8Array([number << 3 | 2, ...varint(bytes.length), ...bytes]);
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [value % 128 | 128, ...varint(Math.floor(value / 128))];
}

/** A message of a stream: a byte of flags, four of the length, and the message. */
export function envelope(message: Uint8Array, flags = 0): Uint8Array<ArrayBuffer> {
  const length = [24, 16, 8, 0].map((shift) => message.length >> shift & 255);
  return new Uint8Array([flags, ...length, ...message]);
}

/** Takes the messages of a stream apart. */
export function openEnvelopes(bytes: Uint8Array): { readonly flags: number; readonly text: string }[] {
  const messages: { flags: number; text: string }[] = [];
  for (let at = 0; at < bytes.length;) {
    const [flags = 0, ...length] = bytes.subarray(at, at + 5);
    const end = at + 5 + length.reduce((sum, byte) => sum * 256 + byte, 0);
    messages.push({ flags, text: decoder.decode(bytes.subarray(at + 5, end)) });
    at = end;
  }
  return messages;
}

/** The trailers at the end of an answer of gRPC-Web, which are text. */
export function trailersOf(answer: string): string {
  return answer.slice(answer.lastIndexOf("grpc-status"));
}
