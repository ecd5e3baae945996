/** Socket.IO 4 over a WebSocket, with the recovery that socket.io-client has: its private session id and last offset. */

import type { Dialect, Ear, Language, Message } from "../dialect.ts";

// The packets of Engine.IO 4, and those of Socket.IO 5 inside of its messages.
const OPEN = "0", PING = "2", PONG = "3", CONNECT = "40", EVENT = "42", CONNECT_ERROR = "44";

class SocketIoDialect implements Dialect {
  #session: string | null = null;
  #offset: string | null = null;

  path(): string {
    return "/socket.io/?EIO=4&transport=websocket";
  }

  open(): void {}

  take(text: string, ear: Ear): void {
    if (text.startsWith(OPEN)) ear.say(CONNECT + this.#auth());
    else if (text === PING) ear.say(PONG);
    else if (text.startsWith(CONNECT)) this.#connected(JSON.parse(text.slice(CONNECT.length)), ear);
    else if (text.startsWith(EVENT)) this.#event(JSON.parse(text.slice(EVENT.length)), ear);
    else if (text.startsWith(CONNECT_ERROR)) throw new Error(`Socket.IO answers ${text}`);
  }

  #auth(): string {
    if (this.#session === null) return "";
    return JSON.stringify({ pid: this.#session, offset: this.#offset ?? undefined });
  }

  /** A session that was recovered has the same id as before. */
  #connected({ pid }: { readonly pid?: string }, ear: Ear): void {
    ear.ready(this.#session === null ? null : pid === this.#session);
    this.#session = pid ?? null;
  }

  /** The server adds the offset to the arguments of the event. */
  #event([, message, offset]: readonly [string, Message, string?], ear: Ear): void {
    this.#offset = offset ?? null;
    ear.deliver(message);
  }
}

export const socketio: Language = {
  create: () => new SocketIoDialect(),
  body: (data) => JSON.stringify({ data }),
};
