/** A service for publishers with a script. It checks what it is sent, and remembers what it has accepted. */

import type { FakeAnswer, FakeRequest } from "../network/fake_fetch.ts";
import type { FakeSocket, SocketServer } from "../network/fake_socket.ts";
import type { SimWorld } from "../network/sim_world.ts";
import type { PublisherAttempt, PublisherHistory, Verdict } from "./publisher_history.ts";
import { ServerSide } from "./server_side.ts";

const LATENCY_MS = 10;
const CALM: PublisherAttempt = { do: "accept", notifications: 1_000, bytes: 1_048_576 };

export class ScriptedPublishService implements SocketServer {
  /** The numbers of the calls that were accepted. */
  readonly accepted = new Set<number>();
  readonly sockets: FakeSocket[] = [];
  /** True if something has happened after which a publisher may give up for good. */
  mayEnd = false;
  /** True if it has sent something that looks like an answer, and is none. */
  hasLied = false;
  attempts = 0;
  readonly #world: SimWorld;
  readonly #attempts: PublisherAttempt[];
  readonly #verdicts: Verdict[];
  readonly #sides = new Map<FakeSocket, ServerSide>();
  /** The text of each call, which stays the same when it is repeated. */
  readonly #texts = new Map<number, string>();
  #lastNew = -1;
  #latest: PublisherAttempt = CALM;

  constructor(world: SimWorld, { attempts, verdicts }: PublisherHistory) {
    this.#world = world;
    this.#attempts = [...attempts];
    this.#verdicts = [...verdicts];
  }

  get socket(): FakeSocket | undefined {
    return this.sockets.at(-1);
  }

  /** Sends whatever text. */
  say(text: string): void {
    if (/"(id|status|notifications)"/.test(text)) this.hasLied = true;
    this.socket?.deliver(text);
  }

  /** From now on, all is well. */
  calm(): void {
    this.#attempts.length = this.#verdicts.length = 0;
  }

  connected(socket: FakeSocket): void {
    this.attempts++;
    this.sockets.push(socket);
    const attempt = this.#latest = this.#attempts.shift() ?? CALM;
    if (attempt.do === "refuse" && attempt.isOurs && [400, 401, 403].includes(attempt.status)) {
      this.mayEnd = true;
    }
    if (attempt.do === "hang") return;
    this.#world.after(LATENCY_MS, () => {
      if (attempt.do !== "greet" && attempt.do !== "accept") return socket.end(1006);
      socket.open();
      if (attempt.do === "greet") return void socket.deliver(attempt.text);
      const { notifications, bytes } = attempt, limits = { notifications, bytes };
      this.#sides.set(socket, new ServerSide(limits));
      socket.deliver(JSON.stringify([{ type: "welcome", limits }]));
    });
  }

  received(socket: FakeSocket, text: string): void {
    const side = this.#sides.get(socket);
    if (side === undefined) return; // it was greeted by something else, and no promise is made about that
    const number = this.#numberOf(text), fault = side.add(text, number);
    if (fault !== null) this.#world.fault(fault);
    const verdict = this.#verdicts.shift() ?? { do: "accept" };
    this.#world.after(LATENCY_MS, () => {
      if (verdict.do !== "refuse") this.accepted.add(number);
      else side.hasRefused = true;
      if (verdict.do === "lost" || socket.isGone) side.isStuck = true;
      if (side.isStuck) return; // later answers would be taken for this one
      side.answered();
      socket.deliver(JSON.stringify([answerTo(text, verdict)]));
    });
  }

  /** It is repeated over the next one. */
  ignored(): void {}

  readonly answer = (_: FakeRequest): FakeAnswer => {
    const attempt = this.#latest;
    if (attempt.do === "hang") return { ms: 0, response: "never" };
    if (attempt.do === "fail") return { ms: LATENCY_MS, response: null };
    const { status, isOurs, retryAfter } = attempt.do === "refuse"
      ? attempt
      : { status: 426, isOurs: true, retryAfter: null };
    const headers = retryAfter === null ? {} : { "retry-after": retryAfter };
    const problem = { type: "urn:tidings:problem:some-kind", title: "A title", status, detail: "a detail" };
    const body = isOurs ? JSON.stringify(problem) : "<html>";
    return { ms: LATENCY_MS, response: () => new Response(body, { status, headers }) };
  };

  /** Calls come in their order, and repeats are the same to the last character. */
  #numberOf(text: string): number {
    const [first] = [JSON.parse(text)].flat(),
      number: number = first.data.call,
      known = this.#texts.get(number);
    if (known !== undefined && known !== text) {
      this.#world.fault(`call ${number} was repeated with another text`);
    }
    if (known === undefined && number < this.#lastNew) {
      this.#world.fault(`call ${number} came after ${this.#lastNew}`);
    }
    if (known === undefined) this.#lastNew = number;
    this.#texts.set(number, text);
    return number;
  }
}

function answerTo(text: string, verdict: Verdict): unknown {
  if (verdict.do === "refuse") {
    const { status, retryAfter } = verdict;
    const problem = { type: "urn:tidings:problem:some-kind", title: "A title", status, detail: "a detail" };
    return { ...problem, ...retryAfter !== null && { retry_after: retryAfter } };
  }
  const posted = JSON.parse(text), accepted = [posted].flat().map(acceptedOne);
  return Array.isArray(posted) ? { notifications: accepted } : accepted[0];
}

function acceptedOne({ id, target }: { readonly id: string; readonly target: string }) {
  return { id, target, position: `p-${id}`, expires: "2026-01-01T00:00:00.000Z" };
}
