/** StoreRequests: the requests that a store makes of NATS, which fail as its port says. */

import { UnavailableError } from "../journal/journal.ts";
import { isApiError, STREAM_FULL } from "./api_error.ts";
import type { NatsLink } from "./link.ts";
import { plainCause, plainMessage } from "./plain_message.ts";

/** What errors say. */
export interface StoreRequestsOptions {
  /** Of a store that is closed, such as `the schedule is closed`. */
  readonly closed: string;
  /** Of a stream that is full, such as `there is no room for more revocations`. */
  readonly full?: string;
}

export class StoreRequests {
  readonly #link: NatsLink;
  readonly #options: StoreRequestsOptions;
  #isClosed = false;

  constructor(link: NatsLink, options: StoreRequestsOptions) {
    this.#link = link;
    this.#options = options;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Every later request is rejected. Those that are being made are not affected. */
  close(): void {
    this.#isClosed = true;
  }

  /** Rejects with `UnavailableError`, also as soon as the connection is lost. */
  async make<T>(request: () => Promise<T>): Promise<T> {
    this.require();
    try {
      return await this.#link.rejectOnDisconnect(request);
    } catch (cause) {
      throw this.failure(cause);
    }
  }

  /** @throws {UnavailableError} if nothing can be requested now */
  require(): void {
    if (this.#isClosed) throw new UnavailableError(this.#options.closed);
    if (!this.#link.isUp) throw new UnavailableError("NATS cannot be reached");
  }

  /** The error of a request that has failed for this cause. */
  failure(cause: unknown): UnavailableError {
    const { full } = this.#options;
    if (cause instanceof UnavailableError) return cause;
    if (full !== undefined && isApiError(cause, STREAM_FULL)) return new UnavailableError(full, { cause });
    return new UnavailableError(`the request to NATS failed: ${plainMessage(cause)}`, plainCause(cause));
  }
}
