/** Keeps the browser's subscription, the service's knowledge of it and this browser's record of it the same. */

import type { Tidings } from "../tidings.ts";
import { deleteRecord, loadRecord, saveRecord } from "./subscription_record.ts";

/** A subscription that was posted so recently is not posted again: the service may have lost it since. */
const POSTED_MS = 3_600_000;
/** The wait for the connection to say who the user is. */
const TARGET_MS = 3_000;

/** Subscribes, or keeps the subscription, and posts it unless the service has it. */
export async function keepSubscription(
  tidings: Tidings,
  registration: ServiceWorkerRegistration,
): Promise<void> {
  await alone(registration, async () => {
    const { scope, pushManager } = registration, { url } = tidings;
    const { key } = await tidings.request("push/key") as { key: string };
    const subscription = await subscribe(pushManager, key);
    const { endpoint, keys: { auth = "" } = {} } = subscription.toJSON();
    const target = await targetOf(tidings), record = await loadRecord(scope);
    const isPosted = record?.endpoint === endpoint && record?.url === url && target !== null &&
      record.target === target && Math.abs(Date.now() - record.postedAt) < POSTED_MS;
    if (isPosted) return;
    const body = JSON.stringify(subscription);
    const { id } = await tidings.request("push/subscriptions", { method: "POST", body }) as { id: string };
    const postedAt = Date.now();
    await saveRecord(scope, { url, key, id, target, endpoint: endpoint ?? "", auth, postedAt });
    if (record && record.id !== id) await forget(tidings, record.id);
  });
}

/** Unsubscribes if the record says that the subscription is Tidings' own. */
export async function dropSubscription(
  tidings: Tidings,
  registration: ServiceWorkerRegistration,
): Promise<void> {
  await alone(registration, async () => {
    const { scope, pushManager } = registration;
    const record = await loadRecord(scope);
    if (!record) return;
    const subscription = await pushManager.getSubscription();
    await Promise.all([forget(tidings, record.id), subscription?.unsubscribe()]);
    await deleteRecord(scope);
  });
}

/** Several tabs may start at once, and one would unsubscribe what the other has just subscribed. */
async function alone(
  { scope }: ServiceWorkerRegistration,
  work: () => Promise<void>,
): Promise<void> {
  await navigator.locks.request(`tidings push ${scope}`, work);
}

async function subscribe(pushManager: PushManager, key: string): Promise<PushSubscription> {
  const subscription = await pushManager.getSubscription();
  if (subscription) {
    if (toBase64Url(subscription.options.applicationServerKey) === key) return subscription;
    await subscription.unsubscribe(); // the browser keeps one subscription, and its key cannot change
  }
  return await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}

/** A failure does no harm: the push service answers the next push that the subscription has gone. */
async function forget(tidings: Tidings, id: string): Promise<void> {
  await tidings.request(`push/subscriptions/${id}`, { method: "DELETE" }).catch(() => {});
}

/** Resolves with the user of the connection; null if it does not open soon, or has closed. */
function targetOf(tidings: Tidings): Promise<string | null> {
  return new Promise((resolve) => {
    const settle = () => {
      clearTimeout(timer);
      tidings.removeEventListener("state", check);
      resolve(tidings.status.target);
    };
    const check = () => {
      if (tidings.status.target !== null || tidings.state === "closed") settle();
    };
    const timer = setTimeout(settle, TARGET_MS);
    tidings.addEventListener("state", check);
    check();
  });
}

function toBase64Url(bytes: ArrayBuffer | null): string {
  const text = btoa(String.fromCharCode(...new Uint8Array(bytes ?? [])));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
