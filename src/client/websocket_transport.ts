/** The transport over a WebSocket. */

import { urlOf } from "./address.ts";
import { type ConnectionEnd, messageOf } from "./connection_end.ts";
import { type ClientTransport, type ClientTransportDeps, WELCOME_MS } from "./transport.ts";

export class WebSocketClientTransport implements ClientTransport {
  readonly ended: Promise<ConnectionEnd>;
  readonly closed: Promise<unknown>;
  hasOpened = false;
  readonly #socket: WebSocket;
  readonly #end: (end: ConnectionEnd) => void;
  readonly #timer: ReturnType<typeof setTimeout>;

  /** Throws what `WebSocket` throws, if the URL or the token has characters that are not allowed. */
  constructor({ address, token, after, onFrame }: ClientTransportDeps) {
    const protocols = ["tidings.v1", ...(token ? [`tidings.bearer.${token}`] : [])];
    const url = urlOf({ ...address, after }, "connect").replace(/^http/, "ws");
    const socket = new WebSocket(url, protocols);
    const ended = Promise.withResolvers<ConnectionEnd>();
    this.ended = ended.promise;
    this.#end = ended.resolve;
    this.#socket = socket;
    this.#timer = setTimeout(() => this.close("nothing comes"), WELCOME_MS);
    socket.onmessage = ({ data }) => {
      this.hasOpened = true;
      clearTimeout(this.#timer);
      try {
        onFrame(data);
      } catch (error) {
        this.close(messageOf(error));
      }
    };
    this.closed = new Promise<void>((resolve) => {
      socket.onclose = ({ code, reason }) => {
        this.close(`${code}: ${reason || "no reason"}`, code);
        resolve();
      };
    });
  }

  /** A socket that is closing would drop the messages and log a warning to the page's console. */
  send(messages: readonly string[]): Promise<number> {
    const isClosing = this.#socket.readyState > 1; // 1 is OPEN
    if (!isClosing) this.#socket.send(`[${messages}]`);
    return Promise.resolve(+isClosing);
  }

  /** Ends at once: a peer that is out of reach answers a close frame after a minute, or never. */
  close(reason = "closed", code?: number): void {
    clearTimeout(this.#timer);
    this.#socket.onmessage = null;
    this.#socket.close();
    this.#end({ reason, code });
  }
}
