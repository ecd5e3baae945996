/** A service whose script decides what becomes of each attempt to connect. It remembers what it was sent. */

import type { FakeAnswer, FakeRequest } from "../network/fake_fetch.ts";
import type { FakeSocket, SocketServer } from "../network/fake_socket.ts";
import type { SimWorld } from "../network/sim_world.ts";
import { FrameBudget } from "./frame_budget.ts";
import type { Answering, Attempt } from "./sdk_history.ts";
import { foreignResponse, problemResponse } from "./refusals.ts";
import { welcome } from "./wire_messages.ts";

/** Of how many attempts in so many milliseconds a browser may be capable, with back-off. */
const MAX_ATTEMPTS = 60;
const WINDOW_MS = 10_000;
const LATENCY_MS = 10;
const MAX_BACKOFF_MS = 20_000;
const HOUR_MS = 3_600_000;
const CALM: Attempt = { do: "accept", ms: 5 };

/** A connection of either transport that the server has accepted. */
export interface ServerEnd {
  readonly id: string;
  isWelcomed: boolean;
  /** True once it has sent something wrong, after which a client may have stopped reading. */
  isBroken: boolean;
  /** Returns false if nobody is there to receive it. */
  deliver(text: string): boolean;
  close(code: number): void;
  cut(): void;
}

export class ScriptedService implements SocketServer {
  answering: Answering = "everything";
  /** True if something has happened after which a client may give up for good. */
  mayEnd = false;
  end: ServerEnd | null = null;
  readonly acked = new Set<string>();
  readonly messages = new Set<string>();
  /** When each attempt came. */
  readonly attemptsAt: number[] = [];
  /** The `after` of the latest attempt. */
  after: string | null = null;
  readonly sockets: FakeSocket[] = [];
  readonly #world: SimWorld;
  readonly #script: Attempt[];
  readonly #budgets = new WeakMap<FakeSocket, FrameBudget>();
  #latest: Attempt = CALM;
  /** If the latest attempt was refused, and the client has not begun to wait yet. */
  #refused: (Attempt & { readonly do: "refuse" }) | null = null;
  #ends = 0;

  constructor(world: SimWorld, script: readonly Attempt[]) {
    this.#world = world;
    this.#script = [...script];
  }

  /** How long a client may wait that has failed since the last call, and how long it must, in milliseconds. */
  takeWaits(): { readonly minMs: number; readonly maxMs: number } {
    const refused = this.#refused, seconds = Number(refused?.retryAfter) || 0;
    this.#refused = null;
    const ms = Math.min(seconds * 1_000, HOUR_MS);
    const mayComeAtOnce = refused === null || refused.status < 300 || refused.status === 401;
    return { minMs: mayComeAtOnce ? 0 : ms, maxMs: MAX_BACKOFF_MS + ms };
  }

  /** From now on, all is well. */
  calm(): void {
    this.#script.length = 0;
    this.answering = "everything";
  }

  connected(socket: FakeSocket): void {
    this.sockets.push(socket);
    const attempt = this.#next(new URL(socket.url).searchParams.get("after")), world = this.#world;
    if (attempt.do === "refuse" || attempt.do === "fail") world.after(LATENCY_MS, () => socket.end(1006));
    if (attempt.do !== "accept" && attempt.do !== "open") return;
    world.after(attempt.ms, () => {
      socket.open();
      this.#begin(attempt, {
        deliver: (text) => socket.deliver(text),
        close: (code) => socket.end(code, "the script closes it"),
        cut: () => socket.end(1006),
      });
    });
  }

  received(socket: FakeSocket, text: string): void {
    const budget = this.#budgets.get(socket) ?? new FrameBudget(() => this.#world.now);
    this.#budgets.set(socket, budget);
    const fault = budget.spend(text);
    if (fault !== null) this.#world.fault(fault);
    this.#world.after(LATENCY_MS, () => this.#take(JSON.parse(text)));
  }

  ignored(): void {
    this.#world.fault("a frame was sent over a socket that is closing, which browsers warn of");
  }

  readonly answer = (request: FakeRequest): FakeAnswer => {
    const route = request.path.replace("/v1/", "");
    if (route === "connect") return { ms: LATENCY_MS, response: this.#refusalOf(this.#latest, 426) };
    if (route === "received") return this.#receivedAnswer(request);
    const attempt = this.#next(request.query.get("after"));
    if (attempt.do !== "accept" && attempt.do !== "open") {
      return { ms: LATENCY_MS, response: this.#refusalOf(attempt, 500) };
    }
    return { ms: attempt.ms, response: () => this.#stream(attempt) };
  };

  #next(after: string | null): Attempt {
    this.after = after;
    this.attemptsAt.push(this.#world.now);
    const [first = -Infinity] = this.attemptsAt.slice(-MAX_ATTEMPTS - 1);
    if (this.attemptsAt.length > MAX_ATTEMPTS && this.#world.now - first < WINDOW_MS) {
      this.#world.fault(`the client has tried to connect ${MAX_ATTEMPTS} times in ${WINDOW_MS / 1_000} s`);
    }
    const attempt = this.#latest = this.#script.shift() ?? CALM;
    this.#refused = attempt.do === "refuse" ? attempt : null;
    if (attempt.do === "refuse" && attempt.isOurs && [400, 401, 403].includes(attempt.status)) {
      this.mayEnd = true;
    }
    return attempt;
  }

  /** Of an attempt that was not refused: what else is wrong with a request that is no upgrade. */
  #refusalOf(attempt: Attempt, otherwise: number): FakeAnswer["response"] {
    if (attempt.do === "hang") return "never";
    if (attempt.do === "fail") return null;
    if (attempt.do !== "refuse") return () => problemResponse(otherwise, null);
    const { status, isOurs, retryAfter } = attempt;
    return () => isOurs ? problemResponse(status, retryAfter) : foreignResponse(status, retryAfter);
  }

  #receivedAnswer({ body }: FakeRequest): FakeAnswer {
    if (this.answering === "nothing") return { ms: 0, response: "never" };
    if (this.answering === "busy") return { ms: LATENCY_MS, response: () => problemResponse(503, "1") };
    const { connection, messages } = JSON.parse(body);
    if (this.end?.id !== connection) return { ms: LATENCY_MS, response: () => problemResponse(404, null) };
    return {
      ms: LATENCY_MS,
      response: () => {
        this.#take(messages);
        return new Response(null, { status: 204 });
      },
    };
  }

  #stream(attempt: Attempt): Response {
    let controller: ReadableStreamDefaultController<Uint8Array> | null = null;
    const encoder = new TextEncoder();
    const body = new ReadableStream<Uint8Array>({
      start: (one) => void (controller = one),
      cancel: () => void (controller = null),
    });
    const write = (text: string) => {
      controller?.enqueue(encoder.encode(text));
      return controller !== null;
    };
    const cut = () => {
      controller?.close();
      controller = null;
    };
    this.#begin(attempt, {
      deliver: (text) => write(`data: ${text}\n\n`),
      close: (code) => {
        write(`event: close\ndata: ${JSON.stringify({ code, reason: "the script closes it" })}\n\n`);
        cut();
      },
      cut,
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  }

  #begin(attempt: Attempt, methods: Pick<ServerEnd, "deliver" | "close" | "cut">): void {
    const id = `c${++this.#ends}`, end: ServerEnd = { id, isWelcomed: false, isBroken: false, ...methods };
    this.end = end;
    if (attempt.do !== "accept") return;
    this.#world.after(1, () => {
      if (end.deliver(JSON.stringify([welcome(id)]))) end.isWelcomed = true;
    });
  }

  /** What clients send, over either transport. */
  #take(messages: readonly { type: string; ids?: string[]; data?: unknown; ref?: string }[]): void {
    const answers: unknown[] = [];
    for (const { type, ids = [], data, ref } of messages) {
      if (type === "ack") ids.forEach((id) => this.acked.add(id));
      if (type === "message") this.messages.add(JSON.stringify(data));
      if (type === "ping") answers.push({ type: "pong" });
      if (ref !== undefined) answers.push({ type: "marked", ref });
    }
    const { end } = this;
    if (answers.length === 0 || this.answering === "nothing") return;
    this.#world.after(LATENCY_MS, () => void (end?.isWelcomed && end.deliver(JSON.stringify(answers))));
  }
}
