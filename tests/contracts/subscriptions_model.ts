/** What a store of push subscriptions must do, without stores, room and nodes. */

import { MAX_PER_TARGET, type NewSubscription, type Subscription } from "../../src/push/subscriptions.ts";
import type { SubscriptionKeys } from "../../src/push/subscriptions.ts";

export class SubscriptionsModel {
  #all: NewSubscription[] = []; // the oldest first
  readonly #ids = new Map<string, string>(); // by endpoint

  /** Notes the id that the store gave an endpoint, which never changes and is no other endpoint's. */
  learn(endpoint: string, id: string): this {
    const known = this.#ids.get(endpoint);
    const isTaken = known === undefined && [...this.#ids.values()].includes(id);
    if (isTaken || (known !== undefined && known !== id)) throw new Error(`${endpoint} has the id ${id}`);
    this.#ids.set(endpoint, id);
    return this;
  }

  idOf(endpoint: string): string {
    return this.#ids.get(endpoint) ?? "unknown";
  }

  of(target: string): Subscription[] {
    return this.#all.filter((one) => one.target === target)
      .map((one) => ({ ...one, id: this.idOf(one.endpoint) }));
  }

  add({ endpoint, p256dh, auth, target, origin }: NewSubscription): void {
    this.#delete(endpoint);
    this.#all.push({ endpoint, p256dh, auth, target, origin });
    const [oldest, ...others] = this.#all.filter((one) => one.target === target);
    if (oldest !== undefined && others.length >= MAX_PER_TARGET) this.#delete(oldest.endpoint);
  }

  remove(endpoint: string, target: string): boolean {
    return this.#find(endpoint)?.target === target && this.#delete(endpoint);
  }

  renew(old: Pick<SubscriptionKeys, "endpoint" | "auth">, next: SubscriptionKeys): boolean {
    const known = this.#find(old.endpoint), current = this.#find(next.endpoint);
    if (known === undefined) return current?.auth === next.auth;
    if (known.auth !== old.auth) return false;
    this.#delete(old.endpoint);
    const { endpoint, p256dh, auth } = next, { target, origin } = known;
    if (current === undefined || current.target === target) {
      this.add({ endpoint, p256dh, auth, target, origin });
    }
    return true;
  }

  forget({ id: _, ...gone }: Subscription): void {
    const known = this.#find(gone.endpoint);
    if (known === undefined) return;
    const isSame = Object.entries(gone).every(([name, value]) =>
      new Map(Object.entries(known)).get(name) === value
    );
    if (isSame) this.#delete(gone.endpoint);
  }

  #find(endpoint: string): NewSubscription | undefined {
    return this.#all.find((one) => one.endpoint === endpoint);
  }

  #delete(endpoint: string): boolean {
    const before = this.#all.length;
    this.#all = this.#all.filter((one) => one.endpoint !== endpoint);
    return this.#all.length < before;
  }
}
