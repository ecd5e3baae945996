/** A connection of a target over a WebSocket, which has been welcomed. */

import type { Body } from "./body.ts";
import { equal } from "./expect.ts";
import { MessageQueue } from "./message_queue.ts";
import type { RawWebSocket } from "./raw_websocket.ts";

export class Tab extends MessageQueue {
  private constructor(readonly socket: RawWebSocket, readonly welcome: Body) {
    super(() => socket.messages());
  }

  /** Takes the welcome, and fails if something else comes. */
  static async welcomedOver(socket: RawWebSocket): Promise<Tab> {
    const messages = await socket.messages();
    equal(messages.map(({ type }) => type), { is: ["welcome"], in: "the messages of the first frame" });
    const [welcome] = messages;
    return new Tab(socket, welcome as Body);
  }

  async send(value: unknown): Promise<void> {
    await this.socket.sendJson(value);
  }
}
