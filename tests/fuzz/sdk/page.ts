/** A page that uses the SDK: it records all that it is given, and checks what holds at every moment. */

import {
  connect,
  type ConnectionStatus,
  type Tidings,
  type TidingsState,
} from "../../../src/client/client.ts";
import type { SimWorld } from "../network/sim_world.ts";
import { PageLoops } from "./page_loops.ts";
import type { ScriptedService } from "./scripted_service.ts";
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
const TOKEN_CALLS_BEFORE_NULL = 2;

export class Page {
  readonly tidings: Tidings;
  /** The keys of what listeners received, in order. */
  readonly delivered: string[] = [];
  readonly loops: PageLoops;
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
  readonly #service: Pick<ScriptedService, "takeWaits">;
  readonly #options: SdkHistory["options"];

  constructor(
    world: SimWorld,
    { service, options }: { service: Pick<ScriptedService, "takeWaits">; options: SdkHistory["options"] },
  ) {
    this.#world = world;
    this.loops = new PageLoops((fault) => world.fault(fault));
    this.#service = service;
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

  /** Only a post of acks that an earlier connection may have lost can still be under way, for ten seconds. */
  #onClosed(): void {
    const world = this.#world;
    this.isClosed = true;
    if (this.#state !== "closed") world.fault(`close() has resolved, and the state is ${this.#state}`);
    world.after(1, () => {
      const timers = world.timers.filter((one) => one !== "timer 10000");
      if (timers.length > 0) world.fault(`close() has resolved, and timers still run: ${timers}`);
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
    this.loops.begin(this.tidings.notifications(), this.delivered.length);
  }

  break(): void {
    this.loops.break();
  }

  /** Something of the browser that may end a wait. */
  dispatch(type: string): void {
    if (type === "online" && this.#waiting !== null) this.#waiting.isWoken = true;
    globalThis.dispatchEvent(new Event(type));
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
    if (state === "waiting") this.#checkWait(retryInMs, reason);
    const { now } = world;
    if (before === "waiting" && state === "connecting" && this.#waiting !== null) {
      const early = this.#waiting.until - now, isLate = -early > 2;
      if (isLate || (early > 1 && !this.#waiting.isWoken)) {
        world.fault(`it connects ${early} ms before its time`);
      }
    }
    this.#waiting = state === "waiting" ? { until: now + retryInMs, isWoken: false } : null;
  }

  /** An attempt that ends because the network is back has not seen the answer that was under way. */
  #checkWait(ms: number, reason: string): void {
    const { minMs, maxMs } = this.#service.takeWaits();
    if (ms === 0 && reason === "the network was gone") return;
    if (ms < minMs || ms > maxMs) {
      this.#world.fault(`it waits ${ms} ms, and not between ${minMs} and ${maxMs}`);
    }
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
