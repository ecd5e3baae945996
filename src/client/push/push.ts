/** The module `/push.js`: Web Push for the user of a connection. */

import { messageOf } from "../connection_end.ts";
import type { Tidings } from "../tidings.ts";
import { createTidingsError } from "../tidings_error.ts";
import { loadRecord } from "./subscription_record.ts";
import { closeShown, followPushes } from "./push_tab.ts";
import { activeRegistration, findRegistration } from "./registration.ts";
import { dropSubscription, keepSubscription } from "./subscription.ts";

/**
 * `unsupported`: the browser has no Web Push; on iOS, only apps on the home screen have it. `denied`: the user does not
 * allow it, and a page cannot ask again. `off`: the browser receives no pushes. `on`: it does.
 */
export type PushState = "unsupported" | "denied" | "off" | "on";

/** The options of all functions of this module. */
export interface PushOptions {
  /** The URL of the application's service worker, which imports `/push_worker.js`, or its registration. */
  readonly serviceWorker: string | URL | ServiceWorkerRegistration;
}

/**
 * Has pushes for the user of the connection sent to this browser. Call it at once in the handler of a click: if the
 * user has not decided yet, the browser asks, and requires a user's gesture for that.
 *
 * It registers the service worker, subscribes with the key of the service, and posts the subscription with the token of
 * the connection. If the subscription was another user's, it becomes this user's.
 *
 * @returns `on`, or why not: `off` if the user has closed the question without an answer
 * @throws {TidingsError} (as a rejection) if the service, the browser's push service or the service worker fails
 *
 * @example
 * ```ts
 * import { connect } from "../client.ts";
 * import { enablePush } from "./push.ts";
 *
 * function offerPush(button: HTMLButtonElement, url: string): void {
 *   const tidings = connect(url, { target: "alexander" });
 *   button.onclick = async () => {
 *     const state = await enablePush(tidings, { serviceWorker: "/service_worker.js" });
 *     button.hidden = state === "on";
 *   };
 * }
 * ```
 */
export async function enablePush(tidings: Tidings, options: PushOptions): Promise<PushState> {
  if (!isSupported()) return "unsupported";
  const permission = await Notification.requestPermission(); // first, because the gesture counts only for a moment
  if (permission !== "granted") return permission === "denied" ? permission : "off";
  return await turnOn(tidings, options);
}

/**
 * Keeps what `enablePush` has set up in this browser. Call it in every page that connects. It never asks the user, and
 * does nothing while push is off.
 *
 * It subscribes again if the browser has lost the subscription or the service has another key, and gives the
 * subscription to the user of the connection. From then on, the worker does not show what this page has, if the page is
 * visible, and the page closes what was read on another device. It costs one small request, and two at most once an
 * hour.
 *
 * @throws {TidingsError} (as a rejection) if the service, the browser's push service or the service worker fails
 */
export async function resumePush(tidings: Tidings, options: PushOptions): Promise<PushState> {
  const state = await pushState(options);
  return state === "on" ? await turnOn(tidings, options) : state;
}

/**
 * Ends pushes to this browser, and closes what they have shown. Call it when the user signs out, before you close the
 * connection. The permission stays.
 *
 * @throws {TidingsError} (as a rejection) if the browser cannot unsubscribe
 */
export async function disablePush(tidings: Tidings, { serviceWorker }: PushOptions): Promise<void> {
  await reportErrors(async () => {
    const registration = await findRegistration(serviceWorker);
    if (!registration) return;
    await dropSubscription(tidings, registration);
    await closeShown(registration, () => true);
  });
}

/**
 * Returns whether this browser receives pushes. A page may ask before it has connected.
 *
 * @throws {TidingsError} (as a rejection) if the browser does not let the page look, for example in a frame
 */
export async function pushState({ serviceWorker }: PushOptions): Promise<PushState> {
  if (!isSupported()) return "unsupported";
  if (Notification.permission === "denied") return "denied";
  return await reportErrors(async () => {
    const registration = await findRegistration(serviceWorker);
    const record = registration && await loadRecord(registration.scope);
    return record && Notification.permission === "granted" ? "on" : "off";
  });
}

function isSupported(): boolean {
  return "PushManager" in globalThis && "serviceWorker" in navigator && "Notification" in globalThis;
}

async function turnOn(tidings: Tidings, { serviceWorker }: PushOptions): Promise<PushState> {
  return await reportErrors(async () => {
    const registration = await activeRegistration(serviceWorker);
    followPushes(tidings, registration);
    await keepSubscription(tidings, registration);
    return "on" as const;
  });
}

/** The message of a refusal begins with its status. */
async function reportErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const message = messageOf(cause);
    const error = createTidingsError(message, {
      final: false,
      status: Number.parseInt(message) || undefined,
    });
    throw Object.assign(error, { cause });
  }
}
