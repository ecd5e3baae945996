/** The upkeep of a connection: opens a line, and another one whenever it ends, until there is no coming back. */

import { type Address, requestWith, urlOf } from "./address.ts";
import { backoffMs } from "./backoff.ts";
import { browser } from "./browser.ts";
import { adviceAfter, type End, reasonOf, refusalOf, wantsToken } from "./end.ts";
import { SseClientTransport } from "./sse_transport.ts";
import { type ClientTransport, WELCOME_MS } from "./transport.ts";
import { WebSocketClientTransport } from "./websocket_transport.ts";
import type { ConnectionStatus } from "./tidings.ts";

/** What an upkeep needs. */
export interface ReconnectorDeps {
  readonly address: Address;
  readonly token: (() => string | Promise<string>) | undefined;
  /** The last position that this page has seen. */
  readonly after: () => string | null;
  /** Told of each frame. */
  readonly take: (frame: string) => void;
  /** Told how it stands, but for `open`: that is seen by the welcome, which is in a frame. */
  readonly tell: (status: Partial<ConnectionStatus>) => void;
  /** Ends it. */
  readonly signal: AbortSignal;
}

const HELD_MS = 5_000; // a connection that held for so long was a good one: backing off starts anew
const OFFLINE_MS = 20_000; // browsers may be wrong about being offline
const BLOCKED_MS = 600_000; // then WebSockets are tried again, when there is a reason to connect

export class Reconnector {
  readonly #deps: ReconnectorDeps;
  #line: ClientTransport | null = null;
  #token: string | undefined;
  #blockedUntil = 0;
  #failures = 0;
  #openedAt = 0;
  #isBack = false; // the network, and that is why the line was cut
  #wake = () => {};

  constructor(deps: ReconnectorDeps) {
    this.#deps = deps;
    this.#watch();
  }

  /** Resolves with how long nothing more may be sent. */
  async send(messages: readonly string[], connection: string): Promise<number> {
    return await this.#line?.send(messages, connection) ?? 0;
  }

  /** Resolves with whose connection it will be, as far as that can be known before, once there is a token. */
  async whose(): Promise<string> {
    const { token, address, signal } = this.#deps;
    while (!signal.aborted) {
      try {
        this.#token ??= await token?.();
        break;
      } catch (error) {
        await this.#pause({ reason: reasonOf(error) }, false);
        this.#failures++;
      }
    }
    return address.target ?? subjectOf(this.#token ?? "");
  }

  /** Resolves with the end after which there is no coming back, or when it is aborted. */
  async run(): Promise<End> {
    const { signal, token, tell } = this.#deps;
    for (;;) {
      tell({ state: "connecting" });
      const end = await this.#connection();
      if (signal.aborted) return end;
      if (this.#line?.worked && Date.now() - this.#openedAt > HELD_MS) this.#failures = 0;
      this.#line = null;
      const advice = adviceAfter(end);
      if (advice === "stay away" || (end.status === 401 && token === undefined)) return end;
      if (wantsToken(end)) this.#token = undefined;
      await this.#pause(end, this.#isBack || (advice === "come back" && this.#failures === 0));
      this.#isBack = false;
      this.#failures++;
      if (signal.aborted) return end;
    }
  }

  /** Resolves when nothing is left of the line. */
  async gone(): Promise<void> {
    await this.#line?.gone;
  }

  async #connection(): Promise<End> {
    try {
      this.#token ??= await this.#deps.token?.();
      if (Date.now() < this.#blockedUntil) return await this.#over(SseClientTransport);
      const end = await this.#over(WebSocketClientTransport);
      return this.#line?.worked || this.#deps.signal.aborted ? end : await this.#ask();
    } catch (error) {
      return { reason: reasonOf(error) };
    }
  }

  /** A browser doesn't see why an upgrade was refused, but why a fetch is: with 426 if nothing else is wrong. */
  async #ask(): Promise<End> {
    const { address, after, signal } = this.#deps;
    const soon = AbortSignal.any([signal, AbortSignal.timeout(WELCOME_MS)]);
    const url = urlOf(address, "connect", after());
    const refusal = await refusalOf(await fetch(url, requestWith(this.#token, soon)));
    if (refusal.status !== 426) return refusal;
    const end = await this.#over(WebSocketClientTransport); // the service may have come up between the two
    if (this.#line?.worked || signal.aborted) return end;
    this.#blockedUntil = Date.now() + BLOCKED_MS;
    return await this.#over(SseClientTransport);
  }

  async #over(Transport: typeof WebSocketClientTransport | typeof SseClientTransport): Promise<End> {
    const { address, after, take, tell, signal } = this.#deps;
    if (signal.aborted) return { reason: "closed" };
    const line = new Transport({ address, token: this.#token, after: after(), take });
    this.#line = line;
    this.#openedAt = Date.now();
    tell({ transport: Transport === WebSocketClientTransport ? "websocket" : "sse" });
    return await line.ended;
  }

  async #pause(end: End, isAtOnce: boolean): Promise<void> {
    const { signal, tell } = this.#deps;
    const least = end.minMs ?? 0;
    const isOffline = browser.navigator?.onLine === false;
    const retryInMs = isOffline ? OFFLINE_MS : isAtOnce ? 0 : least + backoffMs(this.#failures);
    tell({ state: "waiting", reason: end.reason, retryInMs });
    if (retryInMs === 0 || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, retryInMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** The network is back: what had been open before may be dead and not know it, and what waits need not. */
  #watch(): void {
    const { signal } = this.#deps;
    let wasOffline = false;
    browser.addEventListener?.("offline", () => wasOffline = true, { signal });
    browser.addEventListener?.("online", () => {
      this.#failures = 0;
      this.#blockedUntil = 0;
      if (wasOffline && this.#line !== null) {
        this.#isBack = true;
        this.#line.close("the network was gone");
      }
      wasOffline = false;
      this.#wake();
    }, { signal });
    signal.addEventListener("abort", () => {
      this.#line?.close();
      this.#wake();
    });
  }
}

/** Whom a token is for. What is none is shared with nobody. */
function subjectOf(token: string): string {
  try {
    return JSON.parse(atob((token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/"))).sub;
  } catch {
    return token;
  }
}
