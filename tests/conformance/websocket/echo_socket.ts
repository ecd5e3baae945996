/** A WebSocket that echoes: the answer to a mark repeats its `ref`, so a case sees what the server has understood. */

import { equal, expect, fail } from "../client/expect.ts";
import { OPCODE } from "../client/frame.ts";
import type { End, RawWebSocket } from "../client/raw_websocket.ts";
import type { TestedServer } from "../tested_server.ts";

const encoder = new TextEncoder();

export class EchoSocket {
  readonly socket: RawWebSocket;
  readonly #position: string;

  private constructor(socket: RawWebSocket, position: string) {
    this.socket = socket;
    this.#position = position;
  }

  /** Connects a target of its own, and takes the welcome. */
  static async open(server: TestedServer): Promise<EchoSocket> {
    const { socket, welcome } = await server.tab(server.name());
    return new EchoSocket(socket, welcome.position);
  }

  /** The bytes of a message whose answer repeats the text. */
  message(text: string): Uint8Array<ArrayBuffer> {
    return encoder.encode(JSON.stringify({ type: "read", positions: [this.#position], ref: text }));
  }

  /** The same with bytes that may be no UTF-8. They stand between quotes as they are. */
  messageOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    const [start = "", end = ""] = new TextDecoder().decode(this.message("@")).split("@");
    return new Uint8Array([...encoder.encode(start), ...bytes, ...encoder.encode(end)]);
  }

  /** Fails unless the next message repeats the text. */
  async expectEcho(text: string): Promise<void> {
    const [message] = await this.socket.messages();
    equal(message?.ref, { is: text, in: `what the server repeats (${JSON.stringify(message)})` });
  }

  /** Fails unless the server still answers. */
  async expectAlive(): Promise<void> {
    await this.socket.send(OPCODE.text, { payload: this.message("alive") });
    await this.expectEcho("alive");
  }

  /**
   * Fails unless the server fails the connection (section 7.1.7): it ends, with one of the codes if there is a close
   * frame, and without an answer to anything that was sent.
   */
  async expectFailure(...codes: number[]): Promise<End> {
    const ending = this.socket.end((text) => fail(`the server has gone on, and answers ${text}`));
    // A server that has gone on answers this; one that fails has ended the connection before.
    const timer = setTimeout(
      () => this.socket.send(OPCODE.text, { payload: this.message("on") }).catch(() => {}),
      250,
    );
    const end = await ending.finally(() => clearTimeout(timer));
    if (end.closeFrame !== null) {
      const { code } = end.closeFrame;
      expect(
        code !== null && codes.includes(code),
        `it closes with ${code}, and ${codes.join(" or ")} is expected`,
      );
    }
    return end;
  }

  /** Fails unless the server answers a close frame with one, and then ends the TCP connection. */
  async expectClose(code: number | null): Promise<void> {
    const { closeFrame } = await this.socket.end((text) =>
      fail(`the server answers ${text} after the close`)
    );
    if (closeFrame === null) fail("the connection ended without a close frame");
    equal(closeFrame.code, { is: code, in: "the close code" });
    expect(await this.socket.isEnded(), "the server sends more after its close frame");
  }
}
