/** The transport over a WebSocket. */

import { urlOf } from "./address.ts";
import { type ConnectionEnd, messageOf } from "./connection_end.ts";
import { MAX_UNCONFIRMED, QUIET_JITTER_MS, QUIET_MS } from "./limits.ts";
import { postReceived } from "./post_received.ts";
import { type ClientTransport, type ClientTransportDeps, PING, type SendOutcome } from "./transport.ts";
import { Watchdog } from "./watchdog.ts";

/** A frame that was sent, and is not known to have arrived: an ack, or who waits for the receipt of messages. */
type Unconfirmed = string | ((receipt: SendOutcome) => void);

export class WebSocketClientTransport implements ClientTransport {
  readonly ended: Promise<ConnectionEnd>;
  readonly closed: Promise<unknown>;
  hasOpened = false;
  readonly #deps: ClientTransportDeps;
  readonly #socket: WebSocket;
  readonly watchdog: Watchdog;
  #end = (_: ConnectionEnd) => {};
  #unconfirmed: Unconfirmed[] = [];
  #asked = 0; // so many of the first are confirmed by the pong that is due

  /** Throws what `WebSocket` throws, if a policy of the page or the characters of the token do not allow it. */
  constructor(deps: ClientTransportDeps) {
    const { address, token, after, onFrame } = deps;
    this.#deps = deps;
    const protocols = token ? ["tidings.v1", `tidings.bearer.${token}`] : ["tidings.v1"];
    const url = urlOf({ ...address, after }, "connect").replace(/^http/, "ws");
    const socket = this.#socket = new WebSocket(url, protocols);
    this.ended = new Promise((resolve) => this.#end = resolve);
    this.watchdog = new Watchdog(this, QUIET_MS + Math.random() * QUIET_JITTER_MS);
    socket.onmessage = ({ data }) => {
      this.watchdog.onArrival();
      try {
        onFrame(data);
        this.hasOpened = true;
      } catch (error) {
        this.close(messageOf(error));
      }
    };
    this.closed = new Promise<void>((resolve) => {
      // An error, which has no code, is the only event that some polyfills have.
      socket.onclose = socket.onerror = ({ code = 1006, reason }: CloseEventInit = {}) => {
        this.close(`${code}: ${reason || "no reason"}`, code);
        resolve();
      };
    });
  }

  send(messages: readonly string[]): Promise<SendOutcome> {
    return new Promise((settle) => this.#transmit(messages, settle));
  }

  ack(ack: string): SendOutcome {
    this.#transmit([ack], ack);
    return 0;
  }

  /** The server does not say which frame it has no room for: whatever it may have been is sent again. */
  onAnswer(receipt: number): void {
    this.#settle(receipt, receipt ? Infinity : this.#asked);
    if (this.#unconfirmed.some((frame) => typeof frame === "function")) this.ping();
  }

  /** Ends at once: a peer that is out of reach answers a close frame after a minute, or never. */
  close(reason?: string, code?: number): void {
    this.watchdog.stop();
    this.#socket.onmessage = null;
    this.#socket.close();
    this.#end({ reason: reason ?? "closed", code });
    const acks = this.#unconfirmed.filter((frame) => typeof frame === "string");
    this.#settle(undefined, Infinity);
    // Reports count acks on this connection only, and the server may not have noticed yet that it is dead.
    if (reason && code === undefined && acks[0]) void postReceived(this.#deps, acks);
  }

  ping(): void {
    if (!this.#asked) this.#transmit([], () => {});
  }

  /**
   * With messages and with many acks, a frame asks for a pong, unless one is due. A socket that is closing would drop
   * the frame and log a warning to the page's console.
   */
  #transmit(messages: readonly string[], frame: Unconfirmed): void {
    const count = this.#unconfirmed.push(frame);
    if (this.#socket.readyState > 1) return this.#settle(undefined, Infinity); // 1 is OPEN
    const asks = !this.#asked && (typeof frame === "function" || count > MAX_UNCONFIRMED);
    this.#socket.send(`[${messages.concat(asks ? PING : [])}]`);
    if (!asks) return;
    this.#asked = count;
    this.watchdog.check();
  }

  /** Of the first so many frames. */
  #settle(receipt: SendOutcome, count: number): void {
    this.#asked = 0;
    for (const frame of this.#unconfirmed.splice(0, count)) {
      if (typeof frame !== "string") frame(receipt);
      else if (receipt !== 0) this.#deps.onLost(frame);
    }
  }
}
