/** Delivers pushes to the service worker of a real browser, in place of its vendor's push service. */

import type { BrowserContext, CDPSession, Page } from "playwright-core";
import type { PushService } from "../push/push_service.ts";

/** Delivers to the one service worker of a page's browser. */
export class PushDelivery {
  readonly #cdp: CDPSession;
  readonly #origin: string;
  readonly #registrationId: string;

  private constructor(
    cdp: CDPSession,
    { origin, registrationId }: { origin: string; registrationId: string },
  ) {
    this.#cdp = cdp;
    this.#origin = origin;
    this.#registrationId = registrationId;
  }

  /** Resolves when the worker is registered. */
  static async to(page: Page): Promise<PushDelivery> {
    const cdp = await page.context().newCDPSession(page);
    const found = new Promise<string>((resolve) => {
      cdp.on("ServiceWorker.workerRegistrationUpdated", ({ registrations: [first] }) => {
        if (first !== undefined) resolve(first.registrationId);
      });
    });
    await cdp.send("ServiceWorker.enable");
    return new PushDelivery(cdp, { origin: new URL(page.url()).origin, registrationId: await found });
  }

  /** @param data the decrypted payload */
  async deliver(data: string): Promise<void> {
    const address = { origin: this.#origin, registrationId: this.#registrationId };
    await this.#cdp.send("ServiceWorker.deliverPushMessage", { ...address, data });
  }
}

/**
 * Chromium subscribes at its vendor's push service, which no test can reach. The stand-in subscribes at the push service
 * of the test, has one subscription for all pages of an origin, and refuses another key as browsers do.
 */
const PUSH_MANAGER = `
  class FakeSubscription {
    constructor({ endpoint, p256dh, auth, key }) {
      const bytes = Uint8Array.from(atob(key.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
      Object.assign(this, { endpoint, keys: { p256dh, auth }, options: { applicationServerKey: bytes.buffer } });
    }
    toJSON() {
      return { endpoint: this.endpoint, expirationTime: null, keys: this.keys };
    }
    async unsubscribe() {
      delete localStorage.subscription;
      return true;
    }
  }
  const current = () => localStorage.subscription ? new FakeSubscription(JSON.parse(localStorage.subscription)) : null;
  PushManager.prototype.getSubscription = async () => current();
  PushManager.prototype.subscribe = async ({ userVisibleOnly, applicationServerKey: key }) => {
    if (!userVisibleOnly) throw new DOMException("not visible", "NotAllowedError");
    if (current()) throw new DOMException("another key", "InvalidStateError");
    localStorage.subscription = JSON.stringify({ ...await subscribeAtPushService(), key });
    return current();
  };
`;

/** From now on, new pages subscribe at a push service of the test. */
export async function subscribeAt(pushService: PushService, context: BrowserContext): Promise<void> {
  await context.exposeFunction("subscribeAtPushService", () => pushService.subscribe());
  await context.addInitScript(PUSH_MANAGER);
}
