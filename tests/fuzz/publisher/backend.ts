/** A backend that publishes: it records how each call was settled, and checks what holds at every moment. */

import { publisher } from "../../../src/client/publisher/publisher.ts";
import type { NotificationToOne, TidingsPublisher } from "../../../src/client/publisher/publishing.ts";
import type { SimWorld } from "../network/sim_world.ts";
import type { ScriptedPublishService } from "./scripted_publish_service.ts";
import type { PublisherStep } from "./publisher_history.ts";

const MAX_WAIT_MS = 3_600_000 + 20_000;

/** A call of `notify`. */
export interface Call {
  readonly number: number;
  readonly ids: readonly (string | undefined)[];
  settled: "resolved" | "rejected" | null;
}

export class Backend {
  readonly calls: Call[] = [];
  isClosed = false;
  /** True once the publisher is closed, or was asked to close. */
  isOver = false;
  hasAborted = false;
  /** True if a call was rejected because the publisher is closed for good. */
  hasEnded = false;
  readonly #world: SimWorld;
  readonly #publisher: TidingsPublisher;
  readonly #abort = new AbortController();
  readonly #service: Pick<ScriptedPublishService, "accepted" | "hasLied">;

  constructor(world: SimWorld, service: Pick<ScriptedPublishService, "accepted" | "hasLied">) {
    this.#world = world;
    this.#service = service;
    this.#publisher = publisher("http://tidings.test", {
      key: "key",
      signal: this.#abort.signal,
      retrying: (reason, ms) => {
        if (reason === "" || !(ms >= 0 && ms <= MAX_WAIT_MS)) {
          world.fault(`it waits ${ms} ms because of "${reason}"`);
        }
      },
    });
  }

  notify({ count, size, hasIds, abortAfterMs }: PublisherStep & { readonly do: "notify" }): void {
    const number = this.calls.length;
    const all = Array.from({ length: count ?? 1 }, (_, at): NotificationToOne => ({
      target: "alexander",
      data: { call: number, text: "x".repeat(size) },
      ...hasIds && { id: `call ${number} ${at}` },
    }));
    const call: Call = { number, ids: all.map(({ id }) => id), settled: null };
    this.calls.push(call);
    const abort = new AbortController();
    if (abortAfterMs !== null) this.#world.after(abortAfterMs, () => abort.abort());
    const [first] = all, { signal } = abort;
    const answer = count === null && first !== undefined
      ? this.#publisher.notify(first, { signal })
      : this.#publisher.notify(all, { signal });
    answer.then(
      (value) => this.#onResolved(call, value),
      (error) => this.#onRejected(call, error, signal),
    );
  }

  /** What `JSON.stringify` throws is what the call is rejected with. */
  notifyNothing(): void {
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    this.#publisher.notify({ target: "alexander", data: cycle }).then(
      () => this.#world.fault("a cycle was published"),
      () => {},
    );
  }

  abort(): void {
    this.isOver = this.hasAborted = true;
    this.#abort.abort();
  }

  close(): void {
    this.isOver = true;
    this.#publisher.close().then(
      () => this.#onClosed(),
      (error) => this.#world.fault(`close() has thrown ${error}`),
    );
  }

  #onClosed(): void {
    const world = this.#world;
    this.isClosed = true;
    world.after(1, () => {
      if (world.timers.length > 0) world.fault(`close() has resolved, and timers still run: ${world.timers}`);
    });
  }

  #settle(call: Call, how: "resolved" | "rejected"): void {
    if (call.settled !== null) this.#world.fault(`call ${call.number} was ${call.settled}, and then ${how}`);
    if (this.isClosed && how === "resolved") {
      this.#world.fault(`call ${call.number} was resolved after close()`);
    }
    call.settled = how;
  }

  #onResolved(call: Call, value: unknown): void {
    this.#settle(call, "resolved");
    if (this.#service.hasLied) return;
    if (!this.#service.accepted.has(call.number)) {
      this.#world.fault(`call ${call.number} is resolved, and was not accepted`);
    }
    const answers: readonly { readonly id: string }[] = Object(value).notifications ?? [value];
    const isRight = answers.length === call.ids.length &&
      call.ids.every((id, at) => id === undefined || id === answers[at]?.id);
    if (!isRight) this.#world.fault(`call ${call.number} has the answer ${JSON.stringify(value)}`);
  }

  #onRejected(call: Call, error: unknown, signal: AbortSignal): void {
    this.#settle(call, "rejected");
    const { name, final, status } = Object(error);
    if (final === true) this.hasEnded = true;
    const isOfSignal = error === signal.reason || error === this.#abort.signal.reason;
    if (isOfSignal || (name === "PublishError" && (final === true || typeof status === "number"))) return;
    this.#world.fault(`call ${call.number} was rejected with ${error}`);
  }
}
