/** The room in the queue between the journal and the hub, which all sources share. */

import { UnavailableError } from "../journal/journal.ts";
import { unavailable } from "../wire/problem.ts";

export interface IntakeRoomDeps {
  /** The channel that the journal's feed fills and the hub drains. */
  readonly queue: { readonly size: number; readonly capacity: number };
  readonly isDraining: () => boolean;
  /** Resolves in the next turn of the event loop. */
  readonly nextTurn: () => Promise<void>;
}

/** A publisher waits for the hub's turn only while at most this many notifications are queued. */
const MAX_QUEUED_TO_WAIT = 64;

/** Room is reserved before the append, so that whatever the journal accepts can also be delivered. */
export class IntakeRoom {
  readonly #deps: IntakeRoomDeps;
  #appending = 0; // drafts
  #settling: PromiseWithResolvers<void> | undefined;
  #hubTurn: Promise<void> | undefined; // shared by all requests that wait for the same turn

  constructor(deps: IntakeRoomDeps) {
    this.#deps = deps;
  }

  /** False if the queue has no room for so many more. True while the node is stopping: it then refuses them at once. */
  hasRoomFor(count: number): boolean {
    return this.#deps.isDraining() || this.#fits(count);
  }

  /** @throws {Problem} `unavailable` if the node is stopping, or the queue has no room */
  reserve(count: number): void {
    if (this.#deps.isDraining()) throw unavailable("this node is stopping; nothing was accepted");
    if (!this.#fits(count)) {
      throw unavailable("too many notifications are waiting for delivery; nothing was accepted");
    }
    this.#appending += count;
  }

  release(count: number): void {
    this.#appending -= count;
    if (this.#appending > 0) return;
    this.#settling?.resolve();
    this.#settling = undefined;
  }

  /** Reserves room, has `count` entries written, and then releases it. Throws as {@linkcode reserve} and `write` do. */
  async during<T>(count: number, write: () => Promise<T>): Promise<T> {
    this.reserve(count);
    try {
      return await write();
    } catch (error) {
      throw orUnavailable(error);
    } finally {
      this.release(count);
    }
  }

  /** Resolves when nothing is being appended. By then, the feed has been offered everything that was accepted. */
  async settled(): Promise<void> {
    while (this.#appending > 0) await (this.#settling ??= Promise.withResolvers<void>()).promise;
  }

  /**
   * Lets the hub send to the tabs before the publisher is answered. Otherwise, of 16 requests that arrive together,
   * the tabs of the last one would wait for 15 answers. This matters only while the queue is short. When it is long,
   * answering at once brings more notifications into the same frames, and waiting would cost a fifth of the throughput.
   */
  get isShort(): boolean {
    const { size } = this.#deps.queue;
    return size > 0 && size <= MAX_QUEUED_TO_WAIT;
  }

  /** Resolves after the hub's next turn. */
  hubTurn(): Promise<void> {
    return this.#hubTurn ??= this.#nextHubTurn();
  }

  /** The append has woken the hub, which must begin to wait for that turn first. */
  async #nextHubTurn(): Promise<void> {
    await undefined; // the hub begins to wait two microtasks after the append, and the caller goes on after one
    await this.#deps.nextTurn();
    this.#hubTurn = undefined;
  }

  #fits(count: number): boolean {
    const { queue } = this.#deps;
    return queue.size + this.#appending + count <= queue.capacity;
  }
}

/** Returns the problem of a journal or a schedule that is out of reach, or else the error itself. */
export function orUnavailable(error: unknown): unknown {
  if (!(error instanceof UnavailableError)) return error;
  return unavailable("some of it may have been accepted: repeat the request with the same ids", {
    cause: error,
  });
}
