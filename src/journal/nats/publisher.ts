/** The publisher: stores drafts in the stream, each once, whatever is repeated. */

import type { PubAck } from "@nats-io/jetstream";
import type { NatsLink } from "../../nats/link.ts";
import { tokenOf } from "../../nats/subjects.ts";
import type { Draft, Receipt, Retention } from "../journal.ts";
import { type IdClaim, IdRegistry } from "./id_registry.ts";
import type { RetentionMarkers } from "./retention_markers.ts";
import { outgoingMessage } from "./message.ts";
import { publishOnce } from "./publish_once.ts";
import { idWindowMs } from "./streams.ts";
import type { Topics } from "./topics.ts";
import { type Position, positionOf } from "../../wire/position.ts";

export interface PublisherOptions {
  readonly stream: string;
  readonly retention: Retention;
  readonly topics: Topics;
  readonly marks: RetentionMarkers;
  epoch(): string;
}

export class Publisher {
  readonly #link: NatsLink;
  readonly #options: PublisherOptions;
  readonly #claims: IdRegistry;

  constructor(link: NatsLink, options: PublisherOptions) {
    const { stream, retention } = options;
    this.#link = link;
    this.#options = options;
    this.#claims = new IdRegistry(link, { stream, windowMs: idWindowMs(retention) });
  }

  /** A receipt for each, when all are stored. Rejects if one may not be; then any of them may be. */
  async append(drafts: readonly Draft[], now: number): Promise<readonly Receipt[]> {
    const [claims] = await Promise.all([this.#claim(drafts, now), this.#noteTopics(drafts, now)]);
    const stored = new Map<string, Promise<PubAck>>(); // by message id: of a repeat, the server must not see two at once
    const marked = this.#options.marks.keep(now); // before what it is for
    const receipts = drafts.map((draft) => this.#store(draft, { claim: claims.get(draft.id), now, stored }));
    const settled = await Promise.allSettled([marked, ...receipts]);
    for (const one of settled) if (one.status === "rejected") throw one.reason;
    return await Promise.all(receipts);
  }

  async #store(
    draft: Draft,
    { claim, now, stored }: { claim: IdClaim | undefined; now: number; stored: Map<string, Promise<PubAck>> },
  ): Promise<Receipt> {
    if (claim !== undefined && claim.digest !== draft.digest) return { outcome: "conflict" };
    const { stream, retention: { seconds: retentionSeconds } } = this.#options;
    const acceptedAt = claim?.sentAt ?? now; // a part that is completed later is as old as the rest
    const { subject, payload, headers, expiresAt } = outgoingMessage(draft, {
      stream,
      acceptedAt,
      retentionSeconds,
    });
    if (claim === undefined) {
      return this.#receipt(await this.#link.jetstream.publish(subject, payload, { headers }), expiresAt);
    }
    const target = draft.target === null ? "*" : tokenOf(draft.target);
    const id = `${tokenOf(draft.id)}.${claim.sentAt}.${target}`;
    const earlier = stored.get(id);
    if (earlier !== undefined) return this.#receipt({ ...await earlier, duplicate: true }, expiresAt);
    const ack = publishOnce(this.#link, { subject, payload, id, headers });
    stored.set(id, ack);
    return this.#receipt(await ack, expiresAt);
  }

  #receipt({ seq, duplicate }: PubAck, expiresAt: number): Receipt {
    const position: Position = positionOf(this.#options.epoch(), seq);
    return { outcome: duplicate ? "repeated" : "kept", position, expiresAt };
  }

  /** What each id that a publisher chose was first used for. */
  async #claim(drafts: readonly Draft[], now: number): Promise<ReadonlyMap<string, IdClaim>> {
    const digests = new Map<string, string>();
    for (const { id, digest } of drafts) if (digest !== null && !digests.has(id)) digests.set(id, digest);
    if (idWindowMs(this.#options.retention) === 0) return new Map();
    return new Map(
      await Promise.all(
        Array.from(
          digests,
          async ([id, digest]) => [id, await this.#claims.claim(id, { digest, sentAt: now })] as const,
        ),
      ),
    );
  }

  async #noteTopics(drafts: readonly Draft[], now: number): Promise<void> {
    const byTarget = new Map<string | null, Set<string>>();
    for (const { target, topic } of drafts) {
      if (topic !== null) byTarget.set(target, (byTarget.get(target) ?? new Set()).add(topic));
    }
    await Promise.all(
      Array.from(
        byTarget,
        ([target, topics]) => this.#options.topics.note(target, { topics: [...topics], now }),
      ),
    );
  }
}
