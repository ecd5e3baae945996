/** A page that uses the SDK: it records all that it is given, and checks what holds at every moment. */

import {
  connect,
  type ConnectionStatus,
  type Tidings,
  type TidingsState,
} from "../../../src/client/client.ts";
import type { SimWorld } from "../network/sim_world.ts";
import type { SdkHistory, TokenBehaviour } from "./sdk_history.ts";
import { keyOf } from "./wire_messages.ts";

export const URL = "http://tidings.test";

/** Which state may follow which. */
const NEXT: Readonly<Record<TidingsState, readonly TidingsState[]>> = {
  connecting: ["open", "waiting", "closed"],
  open: ["waiting", "closed"],
  waiting: ["connecting", "closed"],
  closed: [],
};
const MAX_BACKOFF_MS = 20_000;
const HOUR_MS = 3_600_000;
const TOKEN_CALLS_BEFORE_NULL = 2;

/** A loop over `notifications()`. */
interface Loop {
  readonly received: string[];
  /** The number of notifications that the page had when it began. */
  readonly from: number;
  isLeft: boolean;
  hasEnded: boolean;
  readonly iterator: AsyncIterableIterator<{ readonly id: string; readonly at: string }>;
}

export class Page {
  readonly tidings: Tidings;
  /** The keys of what listeners received, in order. */
  readonly delivered: string[] = [];
  readonly loops: Loop[] = [];
  /** The messages that `send` has taken. */
  readonly sent: string[] = [];
  errors = 0;
  /** True from the call of `close`, or from the last state on. */
  isOver = false;
  hasSignedOut = false;
  /** True once `close()` has resolved. */
  isClosed = false;
  #closing: Promise<void> | null = null;
  #state: TidingsState = "connecting";
  #waiting: { readonly until: number; isWoken: boolean } | null = null;
  #tokens = 0;
  #sends = 0;
  readonly #world: SimWorld;
  readonly #options: SdkHistory["options"];

  constructor(world: SimWorld, options: SdkHistory["options"]) {
    this.#world = world;
    this.#options = options;
    const { ack, after, token } = options;
    this.tidings = connect(URL, {
      ...{ ack, after, target: "alexander" },
      ...token !== "none" && { token: () => this.#token(token) },
    });
    this.#listen();
  }

  get state(): TidingsState {
    return this.#state;
  }

  get isAskedToClose(): boolean {
    return this.#closing !== null;
  }

  close(): void {
    this.isOver = true;
    this.#closing ??= this.tidings.close().then(() => {
      this.isClosed = true;
      if (this.#state !== "closed") {
        this.#world.fault(`close() has resolved, and the state is ${this.#state}`);
      }
    });
  }

  send(size: number): void {
    if (this.isClosed) return; // what is too large is an error even then
    const data = { number: this.#sends++, text: "x".repeat(size) };
    if (this.tidings.send(data)) this.sent.push(JSON.stringify(data));
  }

  mark(): void {
    this.tidings.mark({ type: "read", positions: ["aaaaaaaa-00000000001"], ref: `r${this.#sends++}` });
  }

  loop(): void {
    const iterator = this.tidings.notifications();
    const loop = { received: [], from: this.delivered.length, isLeft: false, hasEnded: false, iterator };
    this.loops.push(loop);
    void this.#follow(loop);
  }

  break(): void {
    const loop = this.loops.find(({ isLeft }) => !isLeft);
    if (loop === undefined) return;
    loop.isLeft = true;
    void loop.iterator.return?.();
  }

  /** Something of the browser that may end a wait. */
  dispatch(type: string): void {
    if (type === "online" && this.#waiting !== null) this.#waiting.isWoken = true;
    globalThis.dispatchEvent(new Event(type));
  }

  async #follow(loop: Loop): Promise<void> {
    try {
      for await (const notification of loop.iterator) {
        if (loop.isLeft) this.#world.fault("a loop that was left has received something");
        loop.received.push(keyOf(notification));
      }
    } catch (error) {
      if (!Object(error).final) this.#world.fault(`a loop has thrown ${error}`);
    }
    loop.hasEnded = true;
  }

  #listen(): void {
    const { tidings } = this, fault = (text: string) => this.#world.fault(text);
    tidings.addEventListener("notification", ({ detail }) => {
      if (this.isOver) fault(`${detail.id} was delivered after the end`);
      if (this.delivered.includes(keyOf(detail))) fault(`${keyOf(detail)} was delivered twice`);
      this.delivered.push(keyOf(detail));
      if (detail.data === this.#options.closesOn) this.close();
    });
    tidings.addEventListener("state", ({ detail }) => this.#onState(detail));
    tidings.addEventListener("error", ({ detail }) => {
      this.errors++;
      if (detail.final && this.#closing !== null) fault("close() has led to an error that is final");
    });
    for (const type of ["notification", "state", "missed", "error", "read", "marked", "leave"] as const) {
      tidings.addEventListener(
        type,
        () => this.isClosed && fault(`${type} has fired after close() had resolved`),
      );
    }
  }

  #onState({ state, retryInMs, reason, transport, connection }: ConnectionStatus): void {
    const world = this.#world, before = this.#state;
    this.#state = state;
    if (!NEXT[before].includes(state)) world.fault(`the state ${state} has followed ${before}`);
    if (state === "closed") this.isOver = true;
    if ((state === "open") !== (connection !== null && transport !== null)) {
      world.fault(`${state} has the connection ${connection} over ${transport}`);
    }
    if ((state === "open") !== (reason === "") && state !== "connecting") {
      world.fault(`${state} has the reason "${reason}"`);
    }
    if (retryInMs < 0 || retryInMs > MAX_BACKOFF_MS + HOUR_MS) world.fault(`it waits ${retryInMs} ms`);
    const { now } = world;
    if (before === "waiting" && state === "connecting" && this.#waiting !== null) {
      const early = this.#waiting.until - now, isLate = -early > 2;
      if (isLate || (early > 1 && !this.#waiting.isWoken)) {
        world.fault(`it connects ${early} ms before its time`);
      }
    }
    this.#waiting = state === "waiting" ? { until: now + retryInMs, isWoken: false } : null;
  }

  #token(behaviour: TokenBehaviour): string | null | Promise<string | null> {
    const call = ++this.#tokens, token = `token-${behaviour === "fixed" ? 0 : call}`;
    if (behaviour === "throws" && call % 2 === 1) throw new Error("the backend is down");
    if (behaviour === "page of HTML" && call % 2 === 1) return "<html>";
    if (behaviour === "slow" && call % 2 === 1) {
      return new Promise((resolve) => this.#world.after(20_000, () => resolve(token)));
    }
    if (behaviour === "null later" && call > TOKEN_CALLS_BEFORE_NULL) {
      this.hasSignedOut = true;
      return null;
    }
    return token;
  }
}
