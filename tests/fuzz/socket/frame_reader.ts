/** Reads all frames that the server sends over an attacked socket, and checks each. */

import { ByteStream } from "../../conformance/client/byte_stream.ts";
import { type Frame, OPCODE } from "../../conformance/client/frame.ts";
import { Answer } from "../../conformance/client/answer.ts";
import { RawWebSocket } from "../../conformance/client/raw_websocket.ts";
import { within } from "../within.ts";

/** The payload of the ping with which an attack asks whether everything before it was read. */
export const LAST_PING = "the last one";

export class FrameReader {
  /** Text frames and the close frame, in order. */
  readonly frames: Frame[] = [];
  /** Resolves when the pong of the last ping has come, or the connection has ended. */
  readonly isQuiet: Promise<void>;
  readonly ended: Promise<void>;
  #onQuiet = () => {};

  constructor(stream: ByteStream) {
    this.isQuiet = new Promise((resolve) => this.#onQuiet = resolve);
    this.ended = this.#read(new RawWebSocket(stream, new Answer(101, NO_CONTENT)));
  }

  /** True if the connection has ended within the time. */
  async hasEnded(ms: number): Promise<boolean> {
    return await within(ms, { work: this.ended.then(() => true), late: () => false });
  }

  async #read(socket: RawWebSocket): Promise<void> {
    for (let frame = await socket.receive(); frame !== null; frame = await socket.receive()) {
      const isPong = frame.opcode === OPCODE.pong;
      if (!isPong && frame.opcode !== OPCODE.ping) this.frames.push(frame);
      if (isPong && new TextDecoder().decode(frame.payload) === LAST_PING) this.#onQuiet();
    }
    this.#onQuiet();
  }
}

const NO_CONTENT = { headers: new Headers(), bytes: new Uint8Array() };
