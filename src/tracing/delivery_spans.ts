/** The spans of deliveries: one for each notification on a node, from the journal's offer to the sockets. */

import type { Tracer } from "@opentelemetry/api";
import type { Entry, Feed } from "../journal/journal.ts";
import { contextOf } from "./span_context.ts";

/** A notification on its way to connections. Times are in milliseconds since 1970. */
interface Delivery {
  readonly span: string;
  readonly offeredAt: number;
  firstAt: number | null;
  lastAt: number;
  connections: number;
}

/** As much as the hub takes in a turn. While more is on its way, further deliveries are not recorded. */
const MAX_DELIVERIES = 4_096;
const CHECK_MS = 500;
/** How long after the first connection others count. */
const COUNT_MS = 500;
/** How long it is waited for a first connection. One that is behind may read the notification later. */
const MAX_WAIT_MS = 10_000;

/**
 * A span per tab would be a million for a notification to everyone. A span begins when the journal offers the entry, has
 * the event `first frame`, and ends with the last frame that was sent within half a second. A node without connections
 * of the target records none.
 */
export class DeliverySpans {
  readonly #tracer: Tracer;
  readonly #now: () => number;
  readonly #deliveries = new Map<string, Delivery>(); // by position, oldest first
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param now milliseconds since 1970, with fractions */
  constructor(tracer: Tracer, now: () => number = () => performance.timeOrigin + performance.now()) {
    this.#tracer = tracer;
    this.#now = now;
  }

  /** Wraps a feed, so that what the journal offers is noted. */
  feed(feed: Feed): Feed {
    return {
      offer: (entry) => {
        if (entry.span !== undefined) this.#offered(entry, entry.span);
        return feed.offer(entry);
      },
      gap: (target) => feed.gap(target),
    };
  }

  /** Must be called after notifications were handed to a connection. */
  sent(notifications: readonly { readonly position: string }[]): void {
    if (this.#deliveries.size === 0) return;
    for (const { position } of notifications) {
      const delivery = this.#deliveries.get(position);
      if (delivery === undefined) continue;
      delivery.lastAt = this.#now();
      delivery.firstAt ??= delivery.lastAt;
      delivery.connections++;
    }
  }

  /** Records what is still on its way, and nothing more. */
  close(): void {
    clearTimeout(this.#timer);
    for (const delivery of this.#deliveries.values()) this.#record(delivery);
    this.#deliveries.clear();
  }

  #offered({ position }: Entry, span: string): void {
    if (this.#deliveries.size >= MAX_DELIVERIES) return;
    const offeredAt = this.#now();
    this.#deliveries.set(position, { span, offeredAt, firstAt: null, lastAt: offeredAt, connections: 0 });
    this.#timer ??= setTimeout(() => this.#check(), CHECK_MS);
  }

  #check(): void {
    this.#timer = undefined;
    const now = this.#now();
    for (const [position, delivery] of this.#deliveries) {
      const { firstAt, offeredAt } = delivery;
      const isOver = firstAt === null ? now - offeredAt >= MAX_WAIT_MS : now - firstAt >= COUNT_MS;
      if (!isOver) continue;
      this.#deliveries.delete(position);
      this.#record(delivery);
    }
    if (this.#deliveries.size > 0) this.#timer = setTimeout(() => this.#check(), CHECK_MS);
  }

  #record({ span: parent, offeredAt, firstAt, lastAt, connections }: Delivery): void {
    const attributes = { "tidings.connections": connections };
    const span = this.#tracer.startSpan("deliver", { startTime: offeredAt, attributes }, contextOf(parent));
    if (firstAt !== null) span.addEvent("first frame", firstAt);
    span.end(lastAt);
  }
}
