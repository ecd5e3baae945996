/** Warns when the queue is nearly full: NATS then refuses messages, and before version 2.10 it may discard the oldest. */

import type { NatsLink } from "../../nats/link.ts";
import type { QueueHandlerDeps } from "./handler.ts";

export interface FillWarningOptions extends Pick<QueueHandlerDeps, "log"> {
  readonly stream: string;
}

const NEARLY_FULL = 9 / 10;

/** Publishers write to the queue without a node, so nodes cannot keep it from being full. */
export class FillWarning {
  readonly #link: NatsLink;
  readonly #options: FillWarningOptions;
  #isNearlyFull = false;

  constructor(link: NatsLink, options: FillWarningOptions) {
    this.#link = link;
    this.#options = options;
  }

  /** Looks at the queue, and logs a warning if it was not nearly full at the last look. */
  async check(): Promise<void> {
    const { stream, log } = this.#options;
    const { state: { bytes }, config: { max_bytes: max } } = await this.#link.manager.streams.info(stream);
    const isNearlyFull = max > 0 && bytes >= max * NEARLY_FULL;
    if (isNearlyFull && !this.#isNearlyFull) {
      log.warn(
        "the queue {stream} holds {bytes} of at most {max} bytes; when it is full, NATS refuses messages, " +
          "and before version 2.10 it may discard the oldest ones instead",
        { stream, bytes, max },
      );
    }
    this.#isNearlyFull = isNearlyFull;
  }
}
