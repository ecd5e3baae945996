/** Keeps one connection open: opens a transport, and the next one when it ends, until the server refuses for good. */

import { TOKEN_EXPIRED, TOKEN_REVOKED } from "../wire/close_codes.ts";
import { requestInit, urlOf } from "./address.ts";
import { backoffMs } from "./backoff.ts";
import { browser } from "./browser.ts";
import { adviceAfter, type ConnectionEnd, messageOf, parseRefusal } from "./connection_end.ts";
import { BLOCKED_MS, EXPLAIN_AFTER, OFFLINE_MS, STABLE_MS } from "./limits.ts";
import { askForToken } from "./token.ts";
import { SseClientTransport } from "./sse_transport.ts";
import type { ConnectionStatus, ConnectOptions, TidingsRequest } from "./tidings.ts";
import type { ClientTransport, ClientTransportDeps } from "./transport.ts";
import { WebSocketClientTransport } from "./websocket_transport.ts";
import { within } from "./within.ts";

/** What a reconnector needs. */
export interface ReconnectorDeps
  extends Pick<ClientTransportDeps, "address" | "connectionId" | "onFrame" | "onLost"> {
  readonly token: ConnectOptions["token"];
  /** Returns the position to resume after: the last one that this page has received. */
  readonly after: () => string | null;
  /** Receives each change of the status, except to `open`: the welcome in a frame shows that. */
  readonly onStatus: (change: Partial<ConnectionStatus>) => void;
  /** Called when something is wrong that will not pass by itself. */
  readonly onError: (message: string) => void;
  /** Called when the user or the network returns: the connection may have died meanwhile. */
  readonly onReturn: () => void;
  /** Called when the user leaves the page. */
  readonly onLeave: () => void;
  /** Closes the connection for good when it aborts. */
  readonly signal: AbortSignal;
}

/** The page's function has returned null in place of a token. */
export const SIGNED_OUT: ConnectionEnd = { reason: "signed out: token() returned null", status: 401 };

const NETWORK_BACK = "the network was gone";

export class Reconnector {
  /** The transport in use. */
  active: ClientTransport | null = null;
  readonly #deps: ReconnectorDeps;
  #token: Promise<string | null> | undefined;
  #blockedUntil = 0;
  #failures = 0;
  #openedAt = 0;
  #hasBeenOpen: boolean | undefined;
  #wake = () => {};

  constructor(deps: ReconnectorDeps) {
    this.#deps = deps;
    this.#watchPage();
  }

  /**
   * Resolves with a name for what tabs share, as soon as there is a token: the service and the target, or the whole
   * token if it cannot be read. Resolves with null if the user has signed out. `subjectOf` reads a token's target.
   */
  async sharedName(subjectOf: (token: string) => string): Promise<string | null> {
    const { address, signal } = this.#deps;
    while (!signal.aborted) {
      try {
        const token = await this.#getToken();
        return token === null ? null : `tidings ${address.url} ${address.target ?? subjectOf(token ?? "")}`;
      } catch (error) {
        await this.#pause({ reason: messageOf(error) }, false);
        this.#failures++;
      }
    }
    return null;
  }

  /** Finds out whether the connection is alive. */
  check(): void {
    this.active?.watchdog.check();
  }

  /** Resolves when the server refuses for good or the signal aborts. */
  async run(): Promise<ConnectionEnd> {
    const { signal, token, onStatus } = this.#deps;
    for (;;) {
      onStatus({ state: "connecting" });
      const end = await this.#connect();
      const hasOpened = this.active?.hasOpened;
      if (signal.aborted) return end;
      if (hasOpened && Date.now() - this.#openedAt > STABLE_MS) this.#failures = 0;
      this.active = null;
      const advice = adviceAfter(end), comesBack = advice === "come back";
      if (end === SIGNED_OUT || advice === "stay away" || (end.isOurs && end.status === 401 && !token)) {
        return end;
      }
      this.#hasBeenOpen ||= hasOpened;
      if (!hasOpened || end.code === TOKEN_EXPIRED || end.code === TOKEN_REVOKED) this.#token = undefined; // the refusal may be hidden from the page
      await this.#pause(end, (comesBack && !this.#failures) || end.reason === NETWORK_BACK);
      this.#failures++;
      if (signal.aborted) return end;
    }
  }

  /** The token that is kept, or another one; undefined without the option `token`. */
  async #getToken(): Promise<string | null | undefined> {
    const { token, onError, signal } = this.#deps;
    try {
      return await (this.#token ??= token && askForToken(token, { onError, signal }));
    } catch (error) {
      this.#token = undefined;
      throw error;
    }
  }

  /** Resolves with the body of the response of a route. Rejects if it is no success. */
  async request(route: string, options: TidingsRequest): Promise<string> {
    const { address, signal } = this.#deps;
    const token = await this.#getToken(); // after null, the connection is closed for good
    return await within(async (signal) => {
      const response = await fetch(urlOf({ ...address, ...options }, route), {
        ...requestInit(token),
        ...options,
        signal,
      });
      if (response.ok) return await response.text();
      if (response.status === 401) this.#token = undefined; // the next attempt asks for another one
      throw new Error((await parseRefusal(response)).reason);
    }, { signal });
  }

  async #connect(): Promise<ConnectionEnd> {
    const { signal } = this.#deps;
    try {
      const token = await this.#getToken();
      if (token === null) return SIGNED_OUT;
      if (Date.now() >= this.#blockedUntil && browser.WebSocket) {
        for (const isLast of [false, true]) { // the service may have started after the first
          const end = await this.#open(WebSocketClientTransport, token);
          if (this.active?.hasOpened || signal.aborted) return end;
          const refusal = isLast ? null : await this.#askWhy(token);
          if (refusal && refusal.status !== 426) return refusal;
        }
        this.#blockedUntil = Date.now() + BLOCKED_MS;
      }
      return await this.#open(SseClientTransport, token);
    } catch (error) {
      return { reason: messageOf(error) };
    }
  }

  /** A browser hides why an upgrade was refused, but not why a `fetch` is: 426 means that nothing else is wrong. */
  #askWhy(token: string | undefined): Promise<ConnectionEnd> {
    const { address, after, signal } = this.#deps;
    const url = urlOf({ ...address, after: after() }, "connect");
    return within(
      async (signal) => await parseRefusal(await fetch(url, { ...requestInit(token), signal })),
      { signal },
    ).catch((error) => this.#explain(messageOf(error)));
  }

  /** A constructor throws if the page's policy forbids the transport, and another one may be allowed. */
  async #open(
    Transport: typeof WebSocketClientTransport | typeof SseClientTransport,
    token: string | undefined,
  ): Promise<ConnectionEnd> {
    const { after, onStatus, signal } = this.#deps;
    if (signal.aborted) return { reason: "closed" };
    try {
      const transport = new Transport({ ...this.#deps, token, after: after() });
      this.active = transport;
      this.#openedAt = Date.now();
      onStatus({ transport: Transport === WebSocketClientTransport ? "websocket" : "sse" });
      return await transport.ended;
    } catch (error) {
      return { reason: messageOf(error) };
    }
  }

  /** A browser does not say what it has forbidden the page: only its console does. */
  #explain(reason: string): ConnectionEnd {
    const { address, onError } = this.#deps;
    if (this.#failures === EXPLAIN_AFTER && !this.#hasBeenOpen && browser.navigator?.onLine !== false) {
      onError(
        `${reason}: check that ${address.url} is up, TIDINGS_ALLOWED_ORIGINS (CORS), and the CSP`,
      );
    }
    return { reason };
  }

  async #pause(end: ConnectionEnd, isAtOnce: boolean): Promise<void> {
    const { signal, onStatus } = this.#deps;
    const isOffline = browser.navigator?.onLine === false;
    const retryInMs = isOffline ? OFFLINE_MS : isAtOnce ? 0 : (end.minMs ?? 0) + backoffMs(this.#failures);
    onStatus({ state: "waiting", reason: end.reason, retryInMs });
    if (!retryInMs || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, retryInMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** When the network is back, a pause ends at once. A transport from before may be dead without a sign: it is closed. */
  #watchPage(): void {
    const { onReturn, onLeave, signal } = this.#deps;
    const on = (type: string, listener: () => void) =>
      browser.addEventListener?.(type, listener, { signal, capture: true }); // some are the document's, and do not bubble
    let wasOffline = false;
    on("offline", () => wasOffline = true);
    on("online", () => {
      this.#failures = 0;
      this.#blockedUntil = 0;
      if (wasOffline) this.active?.close(NETWORK_BACK);
      wasOffline = false;
      this.#wake();
    });
    for (const type of ["online", "pageshow", "resume", "visibilitychange"]) on(type, onReturn);
    on("pagehide", onLeave);
    signal.addEventListener("abort", () => {
      this.active?.close();
      this.#wake();
    });
  }
}
