/** One call of a publisher's `notify`: the frame, and who waits for its answer. */

import { reasonOf } from "./publish_error.ts";

export interface PublishCallOptions {
  readonly signal: AbortSignal | undefined;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (reason: unknown) => void;
  /** Called once, when nobody waits for the answer any more. */
  readonly onOver: () => void;
}

export class PublishCall {
  /** The text of the frame, the same in every attempt. Empty once nobody waits for the answer any more. */
  text: string;
  readonly bytes: number;
  readonly notifications: number;
  /** Calls are sent in the order of their numbers. */
  readonly number: number;
  isOver = false;
  readonly #options: PublishCallOptions;

  constructor(
    { text, bytes, notifications, number }: Pick<PublishCall, "text" | "bytes" | "notifications" | "number">,
    options: PublishCallOptions,
  ) {
    this.text = text;
    this.bytes = bytes;
    this.notifications = notifications;
    this.number = number;
    this.#options = options;
    options.signal?.addEventListener("abort", this.#abort);
  }

  resolve(answer: unknown): void {
    this.#settle(() => this.#options.resolve(answer));
  }

  reject(reason: unknown): void {
    this.#settle(() => this.#options.reject(reason));
  }

  readonly #abort = () => this.reject(reasonOf(this.#options.signal));

  #settle(settle: () => void): void {
    if (this.isOver) return;
    this.isOver = true;
    this.text = "";
    this.#options.signal?.removeEventListener("abort", this.#abort);
    settle();
    this.#options.onOver();
  }
}
