/** Sends pushes to the push services of browsers (RFC 8030), encrypted for the browser (RFC 8291). */

import { encryptNotification } from "@block65/webcrypto-web-push";
import { nameOf } from "../wire/error_message.ts";
import { failureReason } from "../wire/failure_reason.ts";
import { encodePayload, encodeSmallPayload, type PushContent } from "./push_message.ts";
import { toOutcome } from "./push_outcome.ts";
import { type IsEndpointAllowed, serviceOf } from "./push_services.ts";
import { topicOf } from "./push_texts.ts";
import { isValidAuth, isValidKey } from "./subscription_keys.ts";
import type { Subscription } from "./subscriptions.ts";
import { type VapidIdentity, VapidTokens } from "./vapid_tokens.ts";

/** A push to one browser. */
export interface OutgoingPush {
  readonly content: PushContent;
  readonly subscription: Subscription;
  /** For how many seconds from now the push service may keep the push if the browser is offline, at least 0. */
  readonly ttl: number;
}

/** The result of sending a push. Reasons name the service, and never the endpoint. */
export type PushOutcome =
  | { readonly kind: "sent" }
  /** The subscription has ended: forget it. */
  | { readonly kind: "gone" }
  /** The service cannot be reached, or cannot do it now. Null: it did not say for how long. */
  | { readonly kind: "later"; readonly afterMs: number | null }
  /** A repetition would fail as well. */
  | { readonly kind: "failed"; readonly reason: string };

export interface PushSenderDeps {
  readonly vapid: VapidIdentity;
  readonly isAllowed: IsEndpointAllowed;
  readonly log: Record<"debug", (message: string, properties: Record<string, unknown>) => void>;
  readonly fetch?: typeof globalThis.fetch;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** How long a sending may take, including a second one of what was too large. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 10_000;
/** Four weeks, the most that FCM accepts. Other services shorten what is too long. */
const MAX_TTL_SECONDS = 28 * 24 * 60 * 60;
/** The maximum payload after a service has found one too large: half of what all should accept. */
const SHRUNK_BYTES = 2048;

/** Any number of pushes may be sent at once; the caller limits them. */
export class PushSender {
  readonly #deps: Required<Omit<PushSenderDeps, "vapid">>;
  readonly #tokens: VapidTokens;

  constructor(
    { vapid, fetch = globalThis.fetch, now = Date.now, timeoutMs = TIMEOUT_MS, ...others }: PushSenderDeps,
  ) {
    this.#deps = { ...others, fetch, now, timeoutMs };
    this.#tokens = new VapidTokens(vapid, { now });
  }

  /** Never rejects. When the signal aborts, the outcome is `later` at once, and the push may have been sent. */
  async send(push: OutgoingPush, signal: AbortSignal): Promise<PushOutcome> {
    const { endpoint, p256dh, auth } = push.subscription;
    const service = serviceOf(endpoint);
    if (!this.#deps.isAllowed(endpoint)) {
      return { kind: "failed", reason: `${service} is not one of the push services that are allowed` };
    }
    if (!isValidKey(p256dh) || !isValidAuth(auth)) {
      return { kind: "failed", reason: `the keys of a subscription at ${service} are not valid` };
    }
    const timeout = new AbortController(); // AbortSignal.timeout() would leave a timer behind after every answer
    const reason = `no answer in ${this.#deps.timeoutMs} ms`;
    const timer = setTimeout(() => timeout.abort(new Error(reason)), this.#deps.timeoutMs);
    try {
      return await this.#send(push, AbortSignal.any([signal, timeout.signal]));
    } catch (error) {
      const name = nameOf(error); // a message may quote the notification
      return { kind: "failed", reason: `a push to ${service} could not be made: ${name}` };
    } finally {
      clearTimeout(timer);
    }
  }

  async #send(push: OutgoingPush, signal: AbortSignal): Promise<PushOutcome> {
    const { content, subscription: { endpoint, origin } } = push;
    const response = await this.#post(push, { payload: encodePayload(content, { origin }), signal });
    if (response?.status !== 413) return this.#outcomeOf(response, endpoint);
    const payload = encodeSmallPayload(content, { origin, maxBytes: SHRUNK_BYTES });
    return this.#outcomeOf(await this.#post(push, { payload, signal }), endpoint);
  }

  #outcomeOf(response: Response | null, endpoint: string): PushOutcome {
    if (response === null) return { kind: "later", afterMs: null };
    return toOutcome(response, { service: serviceOf(endpoint), now: this.#deps.now() });
  }

  /** Null: there was no answer. Rejects if the push cannot be encrypted. */
  async #post(
    { content, subscription: { endpoint, p256dh, auth }, ttl }: OutgoingPush,
    { payload, signal }: { payload: Uint8Array; signal: AbortSignal },
  ): Promise<Response | null> {
    const { fetch, log } = this.#deps;
    const browser = { endpoint, expirationTime: null, keys: { p256dh, auth } };
    // Padding would hide the length, but some services have less room on their way to a phone, and answer 413 then.
    const body = await encryptNotification(browser, payload, { pad: false });
    const headers: Record<string, string> = {
      authorization: await this.#tokens.authorize(new URL(endpoint).origin),
      "content-encoding": "aes128gcm",
      "content-type": "application/octet-stream",
      ttl: String(Math.min(Math.floor(ttl), MAX_TTL_SECONDS)),
      topic: topicOf(content),
    };
    if (content.urgency !== null) headers.urgency = content.urgency;
    try {
      const response = await fetch(endpoint, { method: "POST", headers, body, redirect: "manual", signal });
      await response.body?.cancel().catch(() => {}); // the status says everything, whatever becomes of the body
      return response;
    } catch (error) {
      const reason = failureReason(error, { url: endpoint, name: "the endpoint" });
      log.debug("no answer from {service}: {reason}", { service: serviceOf(endpoint), reason });
      return null;
    }
  }
}
