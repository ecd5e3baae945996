/** The audit: looks through what is in the stream, to find what should have come. */

import { AckPolicy, DeliverPolicy, type StoredMsg } from "@nats-io/jetstream";
import { nanos } from "@nats-io/nats-core";
import type { NatsLink } from "../nats/link.ts";
import { textIn } from "../nats/subjects.ts";

/** A message of the stream, without what is in it. */
export interface Trace {
  readonly target: string | null;
  readonly lastToken: string;
  readonly sequence: number;
}

export interface AuditOptions {
  readonly stream: string;
  /** Told of each message. */
  audit(trace: Trace): void;
}

const MOST = 200_000;
const AT_ONCE = 5_000;
const UNUSED_MS = 10_000;

export class Audit {
  readonly #link: NatsLink;
  readonly #options: AuditOptions;

  constructor(link: NatsLink, options: AuditOptions) {
    this.#link = link;
    this.#options = options;
  }

  /**
   * Tells of all messages after `from`, up to `head`, which is where the stream ends for its leader. A consumer may be
   * on any of the servers that have the stream, and the leader has the last word. There the newest may be missing still;
   * and one that is to start after what is there starts with what comes next. Or there may be more than a leader has
   * that has just become one: it sends those when it has them, and who was told of them before would find nothing to
   * read. False: there are too many to look at.
   */
  async look(from: number, head: number): Promise<boolean> {
    let left = MOST;
    for (let last = from; last < head;) {
      const next = await this.#next(last + 1);
      if (next === null || next.seq > head) return true;
      this.#tell(next);
      const { through, count } = await this.#lookThrough({ from: next.seq + 1, head }, left);
      if ((left -= count) < 0) return false;
      last = Math.max(next.seq, through);
    }
    return true;
  }

  /** The first message from there on, as the leader has it. */
  async #next(from: number): Promise<StoredMsg | null> {
    const { stream } = this.#options;
    const query = { seq: from, next_by_subj: `${stream}.in.>` }; // the library's type knows only the first
    return await this.#link.manager.streams.getMessage(stream, query);
  }

  /** Tells of what a consumer finds there, unless it is more than that. */
  async #lookThrough(
    { from, head }: { from: number; head: number },
    most: number,
  ): Promise<{ through: number; count: number }> {
    const { stream } = this.#options;
    const info = await this.#link.manager.consumers.add(stream, {
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: from,
      filter_subject: `${stream}.in.>`,
      headers_only: true,
      ack_policy: AckPolicy.None,
      inactive_threshold: nanos(UNUSED_MS),
      mem_storage: true,
      num_replicas: 1,
    });
    const { num_pending: count } = info;
    const consumer = this.#link.jetstream.consumers.getConsumerFromInfo(info);
    let through = 0;
    for (let left = count > most ? 0 : count; left > 0;) {
      const expected = Math.min(left, AT_ONCE);
      let got = 0;
      for await (
        const message of await consumer.fetch({ max_messages: expected, expires: UNUSED_MS })
      ) {
        through = message.seq;
        if (from <= through && through <= head) this.#tell(message);
        if (++got === expected || through >= head) break;
      }
      if (got === 0) throw new Error(`${left} messages of ${stream} cannot be looked at`);
      left = through >= head ? 0 : left - got;
    }
    await consumer.delete();
    return { through, count };
  }

  #tell({ subject, seq: sequence }: { subject: string; seq: number }): void {
    const { stream, audit } = this.#options;
    const [kind, ...tokens] = subject.slice(`${stream}.in.`.length).split(".");
    const [token = "", lastToken = ""] = kind === "e" ? ["", ...tokens] : tokens;
    audit({ target: kind === "e" ? null : textIn(token), lastToken, sequence });
  }
}
