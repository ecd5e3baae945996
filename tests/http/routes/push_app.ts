/** An app with Web Push, over subscriptions that a test can look at. */

import { createECDH } from "node:crypto";
import type { Subscription, SubscriptionKeys, Subscriptions } from "../../../src/push/subscriptions.ts";
import { UnavailableError } from "../../../src/journal/journal.ts";
import type { BrowserSubscription } from "../../../src/wire/push_subscription.ts";
import { createTestApp, type TestApp, type TestAppOptions } from "../test_app.ts";

type Store = Pick<Subscriptions, "add" | "of" | "remove" | "renew">;

/** Keeps what the routes hand over. The id of a subscription is made of the end of its endpoint. */
export class FakeSubscriptions implements Store {
  readonly all: Subscription[] = [];
  /** While it is set, every call waits for it. */
  gate: Promise<void> | undefined;
  isAvailable = true;

  async add(subscription: Omit<Subscription, "id">): Promise<string> {
    await this.#open();
    const id = idOf(subscription.endpoint);
    this.#delete(id);
    this.all.push({ ...subscription, id });
    return id;
  }

  async of(target: string): Promise<readonly Subscription[]> {
    await this.#open();
    return this.all.filter((one) => one.target === target);
  }

  async remove(id: string, target: string): Promise<boolean> {
    await this.#open();
    const isTheirs = this.all.some((one) => one.id === id && one.target === target);
    if (isTheirs) this.#delete(id);
    return isTheirs;
  }

  async renew(
    old: Pick<SubscriptionKeys, "endpoint" | "auth">,
    next: SubscriptionKeys,
  ): Promise<string | null> {
    await this.#open();
    const known = this.all.find((one) => one.endpoint === old.endpoint && one.auth === old.auth);
    if (known === undefined) return null;
    this.#delete(known.id);
    this.all.push({ ...known, ...next, id: idOf(next.endpoint) });
    return idOf(next.endpoint);
  }

  #delete(id: string): void {
    const index = this.all.findIndex((one) => one.id === id);
    if (index >= 0) this.all.splice(index, 1);
  }

  async #open(): Promise<void> {
    await this.gate;
    if (!this.isAvailable) throw new UnavailableError("it is a test");
  }
}

function idOf(endpoint: string): string {
  return `id-of-${endpoint.slice(-8)}`;
}

/** A browser's subscription, with keys of its own. */
export function browserSubscription(
  endpoint = "https://fcm.googleapis.com/fcm/send/hamilton",
): BrowserSubscription {
  const curve = createECDH("prime256v1");
  const p256dh = curve.generateKeys().toString("base64url");
  return {
    endpoint,
    keys: {
      p256dh,
      auth: crypto.getRandomValues(new Uint8Array(16)).toBase64({ alphabet: "base64url", omitPadding: true }),
    },
  };
}

export type PushApp = TestApp & { readonly subscriptions: FakeSubscriptions };

export function createPushApp({ config, ...options }: TestAppOptions = {}): PushApp {
  const subscriptions = new FakeSubscriptions();
  return {
    ...createTestApp({ subscriptions, config: { push: PUSH, ...config }, ...options }),
    subscriptions,
  };
}

export const PUBLIC_KEY =
  "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8";

const PUSH = {
  privateKey: "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw",
  publicKey: PUBLIC_KEY,
  subject: "mailto:hamilton@treasury.example",
  origins: ["https://push.treasury.example"],
};
