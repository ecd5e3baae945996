/** What one subscriber has received and was told, in the order in which its application saw it. */

/** A notification that reached the application. */
export interface Delivery {
  readonly id: string;
  readonly position: string;
  /** Milliseconds of the monotonic clock. */
  readonly at: number;
}

/** The subscriber learned that notifications are missing: by `recovered: false` or by `missed`. */
export interface Loss {
  readonly at: number;
}

export type TabEvent = Delivery | Loss;

export class TabLog {
  readonly events: TabEvent[] = [];
  readonly #ids = new Set<string>();

  deliver({ id, position }: { readonly id: string; readonly position: string }): void {
    this.#ids.add(id);
    this.events.push({ id, position, at: performance.now() });
  }

  tell(): void {
    this.events.push({ at: performance.now() });
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }
}

export function isDelivery(event: TabEvent): event is Delivery {
  return "id" in event;
}

/** The longest time without a delivery, in milliseconds. */
export function longestSilence({ events }: Pick<TabLog, "events">): number {
  const times = events.filter(isDelivery).map(({ at }) => at);
  return times.reduce((longest, at, n) => Math.max(longest, at - (times[n - 1] ?? at)), 0);
}
