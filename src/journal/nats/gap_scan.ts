/** Scans a range of the stream, to find the messages that this node should have received. */

import type { NatsLink } from "../../nats/link.ts";
import { nextMessage } from "../../nats/next_message.ts";
import { decodeToken } from "../../nats/subjects.ts";
import {
  type EphemeralConsumerOptions,
  EphemeralConsumers,
  type EphemeralTimeouts,
} from "../../nats/ephemeral_consumers.ts";

/** A message of the stream without its payload. */
export interface StoredMessageInfo {
  /** Null is everyone. */
  readonly target: string | null;
  readonly lastToken: string;
  readonly sequence: number;
}

export interface GapScanOptions {
  readonly stream: string;
  /** Called with each message of the range. */
  onMessage(message: StoredMessageInfo): void;
}

const MAX = 200_000;
const COOLDOWN_MS = 1_000; // meanwhile, the leader alone gives 5,000 messages one by one

export class GapScan {
  readonly #link: NatsLink;
  readonly #options: GapScanOptions;
  readonly #ephemerals: EphemeralConsumers;

  constructor(link: NatsLink, options: GapScanOptions, timeouts?: EphemeralTimeouts) {
    this.#link = link;
    this.#options = options;
    this.#ephemerals = new EphemeralConsumers(link, { cooldownMs: COOLDOWN_MS, ...timeouts });
  }

  /**
   * Reports all messages after `from`, up to `head`, the last sequence number of the leader. Resolves to false if there
   * are too many to scan.
   *
   * Consumers read most of them, but a consumer may run on a server that differs from the leader, so the leader confirms
   * where the range goes on:
   *
   * - The newest messages may be missing on that server. A consumer that should start after its last message starts with
   *   whatever arrives next.
   * - The server may have more than a leader that was just elected. The leader sends those messages when it has them,
   *   and a connection that reads before that would find nothing.
   */
  async scan(from: number, head: number): Promise<boolean> {
    const { stream } = this.#options;
    const subject = `${stream}.in.>`;
    let left = MAX;
    for (let last = from; last < head;) {
      const next = await nextMessage(this.#link, { stream, subject, from: last + 1 });
      if (next === null || next.seq > head) return true;
      this.#report(next);
      const rest = { stream, subject, from: next.seq + 1, headersOnly: true };
      const { through, count } = await this.#scanWithConsumer(rest, { head, max: left });
      if ((left -= 1 + count) < 0) return false;
      last = Math.max(next.seq, through);
    }
    return true;
  }

  /** Reports what a consumer finds, if one is available and has at most `max` messages. */
  async #scanWithConsumer(
    options: EphemeralConsumerOptions,
    { head, max }: { head: number; max: number },
  ): Promise<{ through: number; count: number }> {
    await using consumer = await this.#ephemerals.open(options);
    const count = consumer?.pending ?? 0;
    let through = 0;
    if (consumer === null || count > max) return { through, count };
    for await (const message of consumer.messages()) {
      if (message.seq > head) break;
      through = message.seq;
      this.#report(message);
    }
    return { through, count };
  }

  #report({ subject, seq: sequence }: { subject: string; seq: number }): void {
    const { stream, onMessage } = this.#options;
    const [kind, ...tokens] = subject.slice(`${stream}.in.`.length).split(".");
    const [token = "", lastToken = ""] = kind === "e" ? ["", ...tokens] : tokens;
    onMessage({ target: kind === "e" ? null : decodeToken(token), lastToken, sequence });
  }
}
