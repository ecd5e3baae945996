/** Answers calls of gRPC-Web whose error Connect cannot encode, because it quotes text that is no Unicode. */

import type { UniversalServerResponse } from "@connectrpc/connect/protocol";

const TRAILERS = "grpc-status: 3\r\ngrpc-message: a message has text that is not well-formed\r\n"; // 3: invalid argument
const IS_TRAILERS = 0x80;

/**
 * Resolves with the response of a handler. JSON may have half a surrogate pair in it, which the handler quotes when it
 * refuses the message, and then fails to encode: before its response, or after what it has answered already.
 */
export async function answerUnquotable(
  type: string,
  handle: () => Promise<UniversalServerResponse>,
): Promise<UniversalServerResponse> {
  try {
    const response = await handle();
    return response.body === undefined ? response : { ...response, body: endedWell(response.body) };
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    return { status: 200, header: new Headers({ "content-type": type }), body: trailers() };
  }
}

async function* endedWell(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    yield* trailers();
  }
}

async function* trailers(): AsyncGenerator<Uint8Array> {
  const text = new TextEncoder().encode(TRAILERS), frame = new Uint8Array(5 + text.length);
  new DataView(frame.buffer).setUint32(1, text.length);
  frame[0] = IS_TRAILERS;
  frame.set(text, 5);
  yield await Promise.resolve(frame);
}
