/** A line over a WebSocket. */

import { urlOf } from "./address.ts";
import { type End, reasonOf } from "./end.ts";
import { type ClientTransport, type ClientTransportDeps, WELCOME_MS } from "./transport.ts";

export class WebSocketClientTransport implements ClientTransport {
  readonly ended: Promise<End>;
  readonly gone: Promise<unknown>;
  worked = false;
  readonly #socket: WebSocket;
  readonly #end: (end: End) => void;
  readonly #timer: ReturnType<typeof setTimeout>;

  /** Throws what WebSocket throws: the URL, or the token, has characters that are not allowed. */
  constructor({ address, token, after, take }: ClientTransportDeps) {
    const protocols = ["tidings.v1", ...(token ? [`tidings.bearer.${token}`] : [])];
    const socket = new WebSocket(urlOf(address, "connect", after).replace(/^http/, "ws"), protocols);
    const ended = Promise.withResolvers<End>();
    this.ended = ended.promise;
    this.#end = ended.resolve;
    this.#socket = socket;
    this.#timer = setTimeout(() => this.close("nothing comes"), WELCOME_MS);
    socket.onmessage = ({ data }) => {
      this.worked = true;
      clearTimeout(this.#timer);
      try {
        take(data);
      } catch (error) {
        this.close(reasonOf(error));
      }
    };
    this.gone = new Promise<void>((gone) => {
      socket.onclose = ({ code, reason }) => {
        this.close(`${code}: ${reason || "no reason"}`, code);
        gone();
      };
    });
  }

  /** A socket that is closing would drop them, and complain to the console of the page. */
  send(messages: readonly string[]): Promise<number> {
    const isOver = this.#socket.readyState > 1; // 1 is OPEN
    if (!isOver) this.#socket.send(`[${messages}]`);
    return Promise.resolve(+isOver);
  }

  /** Is over at once: a peer that is out of reach would answer the close after a minute or never. */
  close(reason = "closed", code?: number): void {
    clearTimeout(this.#timer);
    this.#socket.onmessage = null;
    this.#socket.close();
    this.#end({ reason, code });
  }
}
