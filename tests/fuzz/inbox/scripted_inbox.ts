/** The inbox of a service whose script decides how each request for a page is answered. */

import type { InboxAnswer } from "../../../src/client/item_list.ts";
import type { FakeAnswer, FakeRequest } from "../network/fake_fetch.ts";
import type { SimWorld } from "../network/sim_world.ts";
import { numberOf, positionOf, wireNotification } from "../sdk/wire_messages.ts";
import type { PageAnswer } from "./inbox_history.ts";

/** Small, so that a short history has several. */
const PAGE = 4;
/** How many requests a page that hears nothing may make in so many milliseconds. */
const MAX_REQUESTS = 60;
const WINDOW_MS = 10_000;
const LATENCY_MS = 10;

/** @param before the number of the notification before which the page ends; null: it is the newest */
export function pageOf(count: number, before: number | null): InboxAnswer {
  const numbers = Array.from({ length: count }, (_, index) => count - index)
    .filter((number) => before === null || number < before);
  return {
    target: "alexander",
    unread: Math.ceil(count / 2),
    position: positionOf(0, count),
    notifications: numbers.slice(0, PAGE).map((number) => {
      const { type: _, ...notification } = wireNotification({ number, epoch: 0 });
      return { ...notification, read: number % 2 === 0 };
    }),
    more: numbers.length > PAGE,
  };
}

export class ScriptedInbox {
  /** The notifications that are kept have the numbers from 1 to this. */
  count = 6;
  readonly #world: SimWorld;
  readonly #script: PageAnswer[];
  readonly #requestsAt: number[] = [];

  constructor(world: SimWorld, script: readonly PageAnswer[]) {
    this.#world = world;
    this.#script = [...script];
  }

  /** From now on, all is well. */
  calm(): void {
    this.#script.length = 0;
  }

  answer({ query }: FakeRequest): FakeAnswer {
    this.#checkRate();
    const answer = this.#script.shift() ?? { do: "right", ms: LATENCY_MS };
    const { ms } = answer, before = numberOf(query.get("before"));
    switch (answer.do) {
      case "never":
        return { ms, response: "never" };
      case "fail":
        return { ms, response: null };
      case "text":
        return { ms, response: () => new Response(answer.text, { status: answer.status }) };
      case "empty":
        return {
          ms,
          response: () => this.#respond({ ...pageOf(this.count, null), notifications: [], more: true }),
        };
      default:
        return {
          ms,
          response: () => this.#respond(pageOf(this.count, before)),
        };
    }
  }

  #respond(page: InboxAnswer): Response {
    return new Response(JSON.stringify(page));
  }

  #checkRate(): void {
    this.#requestsAt.push(this.#world.now);
    const [first = -Infinity] = this.#requestsAt.slice(-MAX_REQUESTS - 1);
    if (this.#requestsAt.length > MAX_REQUESTS && this.#world.now - first < WINDOW_MS) {
      this.#world.fault(`the inbox has asked for ${MAX_REQUESTS} pages in ${WINDOW_MS / 1_000} s`);
    }
  }
}
