/** The audit: looks through what is in the stream, to find what should have come. */

import type { NatsLink } from "../../nats/link.ts";
import { nextMessage } from "../../nats/next_message.ts";
import { textIn } from "../../nats/subjects.ts";
import {
  type EphemeralConsumerOptions,
  EphemeralConsumers,
  type EphemeralTimeouts,
} from "./ephemeral_consumers.ts";

/** A message of the stream, without what is in it. */
export interface StoredMessageInfo {
  readonly target: string | null;
  readonly lastToken: string;
  readonly sequence: number;
}

export interface GapScanOptions {
  readonly stream: string;
  /** Told of each message. */
  audit(trace: StoredMessageInfo): void;
}

const MAX = 200_000;
const AVOID_MS = 1_000; // that long by the leader alone: it tells 5,000 one by one

export class GapScan {
  readonly #link: NatsLink;
  readonly #options: GapScanOptions;
  readonly #ephemerals: EphemeralConsumers;

  constructor(link: NatsLink, options: GapScanOptions, patience?: EphemeralTimeouts) {
    this.#link = link;
    this.#options = options;
    this.#ephemerals = new EphemeralConsumers(link, { avoidMs: AVOID_MS, ...patience });
  }

  /**
   * Tells of all messages after `from`, up to `head`, which is where the stream ends for its leader. A consumer may be
   * on any of the servers that have the stream, and the leader has the last word. There the newest may be missing still;
   * and one that is to start after what is there starts with what comes next. Or there may be more than a leader has
   * that has just become one: it sends those when it has them, and who was told of them before would find nothing to
   * read. False: there are too many to look at.
   */
  async look(from: number, head: number): Promise<boolean> {
    const { stream } = this.#options;
    const subject = `${stream}.in.>`;
    let left = MAX;
    for (let last = from; last < head;) {
      const next = await nextMessage(this.#link, { stream, subject, from: last + 1 });
      if (next === null || next.seq > head) return true;
      this.#tell(next);
      const rest = { stream, subject, from: next.seq + 1, headersOnly: true };
      const { through, count } = await this.#lookThrough(rest, { head, max: left });
      if ((left -= 1 + count) < 0) return false;
      last = Math.max(next.seq, through);
    }
    return true;
  }

  /** Tells of what a consumer finds there, as far as there is one and unless it is more than that. */
  async #lookThrough(
    needs: EphemeralConsumerOptions,
    { head, max }: { head: number; max: number },
  ): Promise<{ through: number; count: number }> {
    await using ephemeral = await this.#ephemerals.open(needs);
    const count = ephemeral?.pending ?? 0;
    let through = 0;
    if (ephemeral === null || count > max) return { through, count };
    for await (const message of ephemeral.messages()) {
      if (message.seq > head) break;
      through = message.seq;
      this.#tell(message);
    }
    return { through, count };
  }

  #tell({ subject, seq: sequence }: { subject: string; seq: number }): void {
    const { stream, audit } = this.#options;
    const [kind, ...tokens] = subject.slice(`${stream}.in.`.length).split(".");
    const [token = "", lastToken = ""] = kind === "e" ? ["", ...tokens] : tokens;
    audit({ target: kind === "e" ? null : textIn(token), lastToken, sequence });
  }
}
