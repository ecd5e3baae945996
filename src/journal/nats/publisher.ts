/** Stores drafts in the stream, each once, even if the publisher repeats them. */

import type { PubAck } from "@nats-io/jetstream";
import type { NatsLink } from "../../nats/link.ts";
import { encodeToken } from "../../nats/subjects.ts";
import type { Draft, Receipt, Retention } from "../journal.ts";
import { type IdClaim, IdRegistry } from "./id_registry.ts";
import type { RetentionMarkers } from "./retention_markers.ts";
import { outgoingMessage } from "./message.ts";
import { publishOnce } from "./publish_once.ts";
import { idWindowMs } from "./streams.ts";
import type { Topics } from "./topics.ts";
import { NO_STAMP, type StampedNumber, stampedPosition } from "./stamp.ts";

export interface PublisherOptions {
  readonly stream: string;
  readonly retention: Retention;
  readonly topics: Topics;
  readonly markers: RetentionMarkers;
  /** The current epoch of the stream. */
  epoch(): string;
  /** The stamp of a stored message; undefined if it is not there any more. */
  stampAt(sequence: number): Promise<string | undefined>;
}

/** Where a message is stored, and whether it was stored before. */
type Stored = StampedNumber & { readonly duplicate: boolean };

interface StoreContext {
  /** Undefined if the publisher chose no id. */
  readonly claim: IdClaim | undefined;
  readonly now: number;
  /** The acks of this request by message id, because the server must not see a message twice at the same time. */
  readonly acks: Map<string, Promise<Stored>>;
}

export class Publisher {
  readonly #link: NatsLink;
  readonly #options: PublisherOptions;
  readonly #ids: IdRegistry;

  constructor(link: NatsLink, options: PublisherOptions) {
    const { stream, retention } = options;
    this.#link = link;
    this.#options = options;
    this.#ids = new IdRegistry(link, { stream, windowMs: idWindowMs(retention) });
  }

  /** Resolves with a receipt for each draft when all are stored. If it rejects, any of them may be stored. */
  async append(drafts: readonly Draft[], now: number): Promise<readonly Receipt[]> {
    const [claims] = await Promise.all([this.#claimIds(drafts, now), this.#recordTopics(drafts, now)]);
    const acks = new Map<string, Promise<Stored>>();
    const marked = this.#options.markers.ensure(now); // the marker must precede the notifications
    const receipts = drafts.map((draft) => this.#store(draft, { claim: claims.get(draft.id), now, acks }));
    const results = await Promise.allSettled([marked, ...receipts]);
    for (const result of results) if (result.status === "rejected") throw result.reason;
    return await Promise.all(receipts);
  }

  async #store(draft: Draft, { claim, now, acks }: StoreContext): Promise<Receipt> {
    if (claim !== undefined && claim.digest !== draft.digest) return { outcome: "conflict" };
    const { stream, retention: { seconds: retentionSeconds } } = this.#options;
    const acceptedAt = claim?.sentAt ?? now; // when a repeat completes a request, all of it has the same age
    const message = outgoingMessage(draft, { stream, acceptedAt, now, retentionSeconds });
    const { subject, payload, headers, expiresAt } = message;
    if (claim === undefined) {
      const ack = await this.#link.jetstream.publish(subject, payload, { headers });
      return this.#receipt(await this.#stored(ack, message), expiresAt);
    }
    const target = draft.target === null ? "*" : encodeToken(draft.target);
    const id = `${encodeToken(draft.id)}.${claim.sentAt}.${target}`;
    const earlier = acks.get(id);
    if (earlier !== undefined) return this.#receipt({ ...await earlier, duplicate: true }, expiresAt);
    const stored = publishOnce(this.#link, { subject, payload, id, headers })
      .then((ack) => this.#stored(ack, message));
    acks.set(id, stored);
    return this.#receipt(await stored, expiresAt);
  }

  /** A message that was stored before has the stamp that it got then, which only the stream knows. */
  async #stored({ stream, seq: sequence, duplicate }: PubAck, { stamp }: { stamp: string }): Promise<Stored> {
    if (stream !== this.#options.stream) {
      throw new Error(`the stream ${stream} has taken a notification for ${this.#options.stream}`);
    }
    if (!duplicate) return { sequence, stamp, duplicate };
    return { sequence, stamp: await this.#options.stampAt(sequence) ?? NO_STAMP, duplicate };
  }

  #receipt({ duplicate, ...place }: Stored, expiresAt: number): Receipt {
    const position = stampedPosition(this.#options.epoch(), place);
    return { outcome: duplicate ? "repeated" : "kept", position, expiresAt };
  }

  /** Resolves with the first use of each id that the publisher chose. */
  async #claimIds(drafts: readonly Draft[], now: number): Promise<ReadonlyMap<string, IdClaim>> {
    const digests = new Map<string, string>();
    for (const { id, digest } of drafts) if (digest !== null && !digests.has(id)) digests.set(id, digest);
    if (idWindowMs(this.#options.retention) === 0) return new Map();
    return new Map(
      await Promise.all(
        Array.from(
          digests,
          async ([id, digest]) => [id, await this.#ids.claim(id, { digest, sentAt: now })] as const,
        ),
      ),
    );
  }

  async #recordTopics(drafts: readonly Draft[], now: number): Promise<void> {
    const byTarget = new Map<string | null, Set<string>>();
    for (const { target, topic } of drafts) {
      if (topic !== null) byTarget.set(target, (byTarget.get(target) ?? new Set()).add(topic));
    }
    await Promise.all(
      Array.from(
        byTarget,
        ([target, topics]) => this.#options.topics.record(target, { topics: [...topics], now }),
      ),
    );
  }
}
