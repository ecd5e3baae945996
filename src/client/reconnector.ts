/** Keeps one connection open: opens a transport, and the next one when it ends, until the server refuses for good. */

import { type Address, requestInit, urlOf } from "./address.ts";
import { backoffMs } from "./backoff.ts";
import { browser } from "./browser.ts";
import { adviceAfter, type ConnectionEnd, messageOf, needsToken, parseRefusal } from "./connection_end.ts";
import { SseClientTransport } from "./sse_transport.ts";
import type { ConnectionStatus } from "./tidings.ts";
import { type ClientTransport, WELCOME_MS } from "./transport.ts";
import { WebSocketClientTransport } from "./websocket_transport.ts";

/** What a reconnector needs. */
export interface ReconnectorDeps {
  readonly address: Address;
  readonly token: (() => string | Promise<string>) | undefined;
  /** Returns the position to resume after: the last one that this page has received. */
  readonly after: () => string | null;
  /** Receives each frame. */
  readonly onFrame: (frame: string) => void;
  /** Receives each change of the status, except to `open`: the welcome in a frame shows that. */
  readonly onStatus: (change: Partial<ConnectionStatus>) => void;
  /** Closes the connection for good when it aborts. */
  readonly signal: AbortSignal;
}

const STABLE_MS = 5_000; // a connection that lasted this long resets the back-off
const OFFLINE_MS = 20_000; // a browser may be wrong about being offline
const BLOCKED_MS = 600_000; // the first reconnection after this time tries a WebSocket again

export class Reconnector {
  readonly #deps: ReconnectorDeps;
  #transport: ClientTransport | null = null;
  #token: string | undefined;
  #blockedUntil = 0;
  #failures = 0;
  #openedAt = 0;
  #isNetworkBack = false; // true after the transport was closed because the network has returned
  #wake = () => {};

  constructor(deps: ReconnectorDeps) {
    this.#deps = deps;
    this.#watchNetwork();
  }

  /** Resolves with the time in milliseconds during which nothing more may be sent. */
  async send(messages: readonly string[], connection: string): Promise<number> {
    return await this.#transport?.send(messages, connection) ?? 0;
  }

  /** Resolves with the target as soon as there is a token. A token that cannot be read stands for its target. */
  async target(): Promise<string> {
    const { token, address, signal } = this.#deps;
    while (!signal.aborted) {
      try {
        this.#token ??= await token?.();
        break;
      } catch (error) {
        await this.#pause({ reason: messageOf(error) }, false);
        this.#failures++;
      }
    }
    return address.target ?? subjectOf(this.#token ?? "");
  }

  /** Resolves when the server refuses for good or the signal aborts. */
  async run(): Promise<ConnectionEnd> {
    const { signal, token, onStatus } = this.#deps;
    for (;;) {
      onStatus({ state: "connecting" });
      const end = await this.#connect();
      if (signal.aborted) return end;
      if (this.#transport?.hasOpened && Date.now() - this.#openedAt > STABLE_MS) this.#failures = 0;
      this.#transport = null;
      const advice = adviceAfter(end);
      if (advice === "stay away" || (end.status === 401 && token === undefined)) return end;
      if (needsToken(end)) this.#token = undefined;
      await this.#pause(end, this.#isNetworkBack || (advice === "come back" && this.#failures === 0));
      this.#isNetworkBack = false;
      this.#failures++;
      if (signal.aborted) return end;
    }
  }

  /** Resolves when no socket and no request is open any more; undefined if none is. */
  get closed(): Promise<unknown> | undefined {
    return this.#transport?.closed;
  }

  async #connect(): Promise<ConnectionEnd> {
    try {
      this.#token ??= await this.#deps.token?.();
      if (Date.now() < this.#blockedUntil) return await this.#open(SseClientTransport);
      const end = await this.#open(WebSocketClientTransport);
      return this.#transport?.hasOpened || this.#deps.signal.aborted ? end : await this.#fallBack();
    } catch (error) {
      return { reason: messageOf(error) };
    }
  }

  /** A browser hides why an upgrade was refused, but not why a `fetch` is: 426 means that nothing else is wrong. */
  async #fallBack(): Promise<ConnectionEnd> {
    const { address, after, signal } = this.#deps;
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(WELCOME_MS)]);
    const url = urlOf({ ...address, after: after() }, "connect");
    const refusal = await parseRefusal(await fetch(url, requestInit(this.#token, deadline)));
    if (refusal.status !== 426) return refusal;
    const end = await this.#open(WebSocketClientTransport); // the service may have just started
    if (this.#transport?.hasOpened || signal.aborted) return end;
    this.#blockedUntil = Date.now() + BLOCKED_MS;
    return await this.#open(SseClientTransport);
  }

  async #open(
    Transport: typeof WebSocketClientTransport | typeof SseClientTransport,
  ): Promise<ConnectionEnd> {
    const { address, after, onFrame, onStatus, signal } = this.#deps;
    if (signal.aborted) return { reason: "closed" };
    const transport = new Transport({ address, token: this.#token, after: after(), onFrame });
    this.#transport = transport;
    this.#openedAt = Date.now();
    onStatus({ transport: Transport === WebSocketClientTransport ? "websocket" : "sse" });
    return await transport.ended;
  }

  async #pause(end: ConnectionEnd, isAtOnce: boolean): Promise<void> {
    const { signal, onStatus } = this.#deps;
    const minMs = end.minMs ?? 0;
    const isOffline = browser.navigator?.onLine === false;
    const retryInMs = isOffline ? OFFLINE_MS : isAtOnce ? 0 : minMs + backoffMs(this.#failures);
    onStatus({ state: "waiting", reason: end.reason, retryInMs });
    if (retryInMs === 0 || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, retryInMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** When the network is back, a pause ends at once. A transport from before may be dead without a sign: it is closed. */
  #watchNetwork(): void {
    const { signal } = this.#deps;
    let wasOffline = false;
    browser.addEventListener?.("offline", () => wasOffline = true, { signal });
    browser.addEventListener?.("online", () => {
      this.#failures = 0;
      this.#blockedUntil = 0;
      if (wasOffline && this.#transport !== null) {
        this.#isNetworkBack = true;
        this.#transport.close("the network was gone");
      }
      wasOffline = false;
      this.#wake();
    }, { signal });
    signal.addEventListener("abort", () => {
      this.#transport?.close();
      this.#wake();
    });
  }
}

/** The `sub` of a token. A token that cannot be read stands for itself, so that only its own tabs share it. */
function subjectOf(token: string): string {
  try {
    return JSON.parse(atob((token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/"))).sub;
  } catch {
    return token;
  }
}
