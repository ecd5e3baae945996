/** A WebSocket over a byte stream, whose frames a case makes and takes itself. */

import type { Answer } from "./answer.ts";
import type { Body } from "./body.ts";
import type { ByteStream } from "./byte_stream.ts";
import { expect, fail } from "./expect.ts";
import { encodeFrame, type Frame, type FrameOptions, OPCODE } from "./frame.ts";

const encoder = new TextEncoder();

/** How a connection has ended: with a close frame (its code is null if it has none), or without. */
export interface End {
  readonly closeFrame: { readonly code: number | null; readonly reason: string } | null;
}

export class RawWebSocket {
  /** The answer to the upgrade. */
  readonly handshake: Answer;
  readonly #stream: ByteStream;

  constructor(stream: ByteStream, handshake: Answer) {
    this.#stream = stream;
    this.handshake = handshake;
  }

  /** Sends a frame. Returns false if the server has closed the connection. */
  async send(
    opcode: number,
    { payload = "", ...options }: FrameOptions & { payload?: string | Uint8Array } = {},
  ): Promise<boolean> {
    const bytes = typeof payload === "string" ? encoder.encode(payload) : payload;
    return await this.#stream.write(encodeFrame({ opcode, payload: bytes }, options));
  }

  async sendText(text: string): Promise<boolean> {
    return await this.send(OPCODE.text, { payload: text });
  }

  /** Sends a value as JSON in a text frame. */
  async sendJson(value: unknown): Promise<boolean> {
    return await this.sendText(JSON.stringify(value));
  }

  /** Sends bytes as they are. */
  async sendBytes(bytes: Uint8Array): Promise<boolean> {
    return await this.#stream.write(bytes);
  }

  /** Resolves with the next frame; null when the connection has ended. */
  async receive(): Promise<Frame | null> {
    const head = await this.#stream.take(2);
    if (head === null) return null;
    const [first = 0, second = 0] = head;
    const short = second & 127, extra = short === 127 ? 8 : short === 126 ? 2 : 0;
    const extended = await this.#stream.take(extra);
    const length = extra === 0 ? short : extended?.reduce((sum, byte) => sum * 256 + byte, 0) ?? 0;
    const isMasked = second > 127;
    if (isMasked) await this.#stream.take(4);
    const payload = await this.#stream.take(length);
    if (payload === null) return null;
    return { fin: first > 127, rsv: first >> 4 & 7, opcode: first & 15, isMasked, payload };
  }

  /** Resolves with the next frame that is neither a ping nor a pong; null at the end. */
  async receiveMessage(): Promise<Frame | null> {
    for (;;) {
      const frame = await this.receive();
      if (frame === null) return null;
      if (frame.opcode === OPCODE.ping) await this.send(OPCODE.pong, { payload: frame.payload });
      else if (frame.opcode !== OPCODE.pong) return frame;
    }
  }

  /** Resolves with the text of the next frame. Fails if another frame or the end comes. */
  async text(): Promise<string> {
    const frame = await this.receiveMessage();
    if (frame?.opcode === OPCODE.close) fail(`the server closed with ${codeOf(frame)}`);
    expect(frame !== null, "the server ended the connection");
    expect(frame.opcode === OPCODE.text && frame.fin, "the server sent no complete text frame");
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(frame.payload);
  }

  /** Resolves with the messages of the next frame. Fails at the end. */
  async messages(): Promise<Body[]> {
    const messages: unknown = JSON.parse(await this.text());
    expect(Array.isArray(messages) && messages.length > 0, "a frame is no array of messages");
    return messages;
  }

  /** Reads to the end, and resolves with how it came. `onText` is called for each text frame on the way. */
  async end(onText: (text: string) => void = () => {}): Promise<End> {
    for (;;) {
      const frame = await this.receiveMessage();
      if (frame === null) return { closeFrame: null };
      const text = new TextDecoder().decode(frame.payload);
      if (frame.opcode === OPCODE.text) onText(text);
      if (frame.opcode !== OPCODE.close) continue;
      const reason = new TextDecoder().decode(frame.payload.subarray(2));
      return { closeFrame: { code: codeOf(frame), reason } };
    }
  }

  /** Reads to the close frame, and resolves with its code. Fails if there is none. */
  async closeCode(): Promise<number | null> {
    const { closeFrame } = await this.end();
    return closeFrame ? closeFrame.code : fail("the connection ended without a close frame");
  }

  /** True if the server ends the TCP connection without another frame. */
  async isEnded(): Promise<boolean> {
    return await this.receive() === null;
  }
}

function codeOf({ payload: [high, low] }: Frame): number | null {
  return high === undefined || low === undefined ? null : high * 256 + low;
}
