/** The NATS store of push subscriptions: all nodes read and change them in one stream, and keep none in memory. */

import { Buffer } from "node:buffer";
import type { StreamInfo } from "@nats-io/jetstream";
import { z } from "zod";
import { UnavailableError } from "../../journal/journal.ts";
import { Damage } from "../../nats/damage.ts";
import type { NatsLink } from "../../nats/link.ts";
import type { StreamLoss } from "../../nats/stream_loss.ts";
import { StoreRequests } from "../../nats/store_requests.ts";
import { StreamWatch } from "../../nats/stream_watch.ts";
import { StreamCursor } from "../../nats/stream_cursor.ts";
import { ensureStream } from "../../nats/streams.ts";
import { isSameSubscription, isSubscriptionId, subscriptionId } from "../subscription_id.ts";
import type { NewSubscription, Subscription, SubscriptionKeys, Subscriptions } from "../subscriptions.ts";
import { pushStream, pushStreamConfig, type PushStreamOptions, subscriptionSubject } from "./push_stream.ts";
import { CONFLICT, repeatUntilDone } from "../../nats/repeat_until_done.ts";
import { type StoredValue, SubjectValues } from "../../nats/subject_values.ts";
import { TargetList, TargetLists } from "./target_lists.ts";

export interface NatsSubscriptionsOptions extends PushStreamOptions {
  /** Interval between looks at whether the stream is still there. */
  readonly everyMs: number;
  /** Called when something that was stored is lost. */
  onLoss(loss: StreamLoss): void;
  /** Called with the number of a message that no node has stored. It counts as missing. */
  onDamage(sequence: number): void;
  report(error: unknown): void;
}

type SubscriptionRecord = StoredValue<NewSubscription>;

const NONE: SubscriptionRecord = { value: null, sequence: 0 };
const Stored: z.ZodType<NewSubscription> = z.object({
  target: z.string(),
  endpoint: z.string(),
  p256dh: z.string(),
  auth: z.string(),
  origin: z.string().nullable(),
});

const FULL = "there is no room for more push subscriptions";
/** The messages of a subscription take about this much besides their texts, with their headers, subjects and lists. */
const MESSAGES_BYTES = 400;

/**
 * Each endpoint has one record, and what it says decides whose it is; so it never belongs to two targets, whatever nodes
 * do at once. A target's list only says which records to read. If a node ends in between, the list has an id too many,
 * which does not count, or one too few, until the browser subscribes again.
 */
export class NatsSubscriptions implements Subscriptions {
  readonly #link: NatsLink;
  readonly #stream: string;
  readonly #records: SubjectValues<NewSubscription>;
  readonly #lists: TargetLists;
  readonly #watch: StreamWatch;
  readonly #requests: StoreRequests;

  private constructor(link: NatsLink, info: StreamInfo, options: NatsSubscriptionsOptions) {
    const { stream, onDamage } = options, name = pushStream(stream), damage = new Damage(onDamage);
    this.#link = link;
    this.#stream = stream;
    this.#requests = new StoreRequests(link, { closed: "the push subscriptions are closed", full: FULL });
    this.#records = new SubjectValues(link, { stream: name, schema: Stored, damage });
    this.#lists = new TargetLists({
      stream,
      lists: new SubjectValues(link, { stream: name, schema: TargetList, damage }),
      record: (id) => this.#read(id),
      requestMs: link.requestMs,
    });
    const config = pushStreamConfig(options), contents = "push subscriptions";
    this.#watch = new StreamWatch(link, info, { ...options, config, contents });
  }

  /** @throws {StreamMismatchError} if the stream exists with another configuration */
  static async open(link: NatsLink, options: NatsSubscriptionsOptions): Promise<NatsSubscriptions> {
    const { info } = await ensureStream(link, pushStreamConfig(options));
    return new NatsSubscriptions(link, info, options);
  }

  add({ endpoint, p256dh, auth, target, origin }: NewSubscription): Promise<string> {
    const id = subscriptionId(endpoint), subscription = { endpoint, p256dh, auth, target, origin };
    return this.#request(async () => {
      const known = await this.#read(id);
      if (known.value !== null && isSameSubscription(known.value, subscription)) {
        if ((await this.#lists.read(target)).at(-1)?.[0] === id) return id;
      }
      return await this.#store(id, { known, subscription }) ? id : CONFLICT;
    });
  }

  of(target: string): Promise<readonly Subscription[]> {
    return this.#request(async () => {
      const list = await this.#lists.read(target);
      const records = await Promise.all(list.map(async ([id]) => ({ id, ...await this.#read(id) })));
      return records.flatMap(({ id, value }) => value?.target === target ? { ...value, id } : []);
    });
  }

  remove(id: string, target: string): Promise<boolean> {
    return this.#request(async () => {
      const known = await this.#read(id);
      if (known.value?.target !== target) return false;
      return await this.#remove(id, known) ? true : CONFLICT;
    });
  }

  renew(
    old: Pick<SubscriptionKeys, "endpoint" | "auth">,
    { endpoint, p256dh, auth }: SubscriptionKeys,
  ): Promise<string | null> {
    const oldId = subscriptionId(old.endpoint), id = subscriptionId(endpoint);
    let stored: NewSubscription | undefined; // what this renewal has stored itself
    return this.#request(async () => {
      const [known, next] = await Promise.all([this.#read(oldId), this.#read(id)]);
      if (known.value === null) return next.value?.auth === auth ? id : null; // it is a repeat if the next one is known
      if (known.value.auth !== old.auth) return null;
      const { target, origin } = known.value;
      const isOwn = stored !== undefined && next.value !== null && isSameSubscription(next.value, stored);
      if (next.value === null || next.value.target === target || isOwn) {
        stored = { endpoint, p256dh, auth, target, origin };
        const instead = id === oldId ? undefined : oldId;
        if (!await this.#store(id, { known: next, subscription: stored, instead })) return CONFLICT;
        if (id === oldId) return id;
      }
      return await this.#remove(oldId, known) ? id : CONFLICT;
    });
  }

  forget({ id, ...gone }: Subscription): Promise<void> {
    return this.#request(async () => {
      const known = await this.#read(id);
      if (known.value === null || !isSameSubscription(known.value, gone)) return;
      return await this.#remove(id, known) ? undefined : CONFLICT;
    });
  }

  /** A list may lack a record, so all records are looked at. */
  async removeAll(target: string): Promise<void> {
    for (const id of await this.#request(() => this.#idsOf(target))) await this.remove(id, target);
    await this.#request(() => this.#lists.clear(target));
  }

  async close(): Promise<void> {
    this.#requests.close();
    await this.#watch.close();
  }

  async #idsOf(target: string): Promise<string[]> {
    const ids: string[] = [],
      stream = pushStream(this.#stream),
      prefix = subscriptionSubject(this.#stream, "");
    const { state } = await this.#link.manager.streams.info(stream);
    const cursor = new StreamCursor(this.#link, {
      stream,
      subject: `${prefix}*`,
      onMessage: ({ subject, data }) => {
        const stored = parseStored(new TextDecoder().decode(data));
        if (stored?.target === target) ids.push(subject.slice(prefix.length));
      },
      isClosed: () => this.#requests.isClosed,
    });
    await cursor.readThrough(state.last_seq);
    return ids;
  }

  /** Resolves to false if the record is not the known one any more. */
  async #store(
    id: string,
    { known, subscription, instead }: {
      known: SubscriptionRecord;
      subscription: NewSubscription;
      instead?: string | undefined;
    },
  ): Promise<boolean> {
    const { target } = subscription, subject = subscriptionSubject(this.#stream, id);
    const bytes = known.sequence === 0 && instead === undefined ? costOf(subscription) : 0;
    if (!this.#watch.room.reserve(bytes)) throw new UnavailableError(FULL);
    const sequence = await this.#records.replace(subject, { value: subscription, after: known });
    if (sequence === null) return false;
    const dropped = await this.#lists.append(target, [id, sequence], { instead });
    await Promise.all(dropped.map(([, sequence]) => this.#records.remove(sequence)));
    if (known.value?.target !== target) await this.#unlist(id, known);
    return true;
  }

  /** Resolves to false if the record is not the known one any more. */
  async #remove(id: string, known: SubscriptionRecord): Promise<boolean> {
    if (!await this.#records.remove(known.sequence)) return false;
    await this.#unlist(id, known);
    return true;
  }

  /** Takes a record that has been replaced or removed off the list of its target. */
  async #unlist(id: string, { value, sequence }: SubscriptionRecord): Promise<void> {
    if (value !== null) await this.#lists.remove(value.target, [id, sequence]);
  }

  async #read(id: string): Promise<SubscriptionRecord> {
    return isSubscriptionId(id) ? await this.#records.read(subscriptionSubject(this.#stream, id)) : NONE;
  }

  async #request<T>(attempt: () => Promise<T | typeof CONFLICT>): Promise<T> {
    const { requestMs: ms } = this.#link;
    return await this.#requests.make(() => repeatUntilDone(attempt, { ms }));
  }
}

function parseStored(text: string): NewSubscription | undefined {
  try {
    return Stored.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // it is damaged
  }
}

/** An estimate of the bytes that a new subscription takes in the stream. */
function costOf(subscription: NewSubscription): number {
  return MESSAGES_BYTES + Buffer.byteLength(JSON.stringify(subscription));
}
