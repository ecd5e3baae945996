/** Renews the subscription at the service when the browser has replaced it, although no page is open. */

import { loadRecord, saveRecord } from "./subscription_record.ts";
import { worker, type WorkerEvents } from "./worker_scope.ts";

/** The waits before the attempts. After the last one, the next page posts the subscription. */
const ATTEMPTS_MS = [0, 1_000, 10_000];

export async function renew({ newSubscription }: WorkerEvents["pushsubscriptionchange"]): Promise<void> {
  const { scope, pushManager } = worker.registration;
  const record = await loadRecord(scope);
  if (!record || Notification.permission !== "granted") return; // it is the application's own, or the user ended it
  const subscription = newSubscription ?? await pushManager.getSubscription() ??
    await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: record.key });
  const { endpoint = "", keys: { auth = "" } = {} } = subscription.toJSON();
  const old = { endpoint: record.endpoint, auth: record.auth };
  const id = await post(record.url, JSON.stringify({ old, subscription }));
  if (id !== null) await saveRecord(scope, { ...record, id, endpoint, auth, postedAt: Date.now() });
}

/** Resolves with the new id, or null if the service does not know the old subscription or cannot be reached. */
async function post(url: string, body: string): Promise<string | null> {
  for (const ms of ATTEMPTS_MS) {
    await new Promise((resolve) => setTimeout(resolve, ms));
    try {
      const response = await fetch(`${url}/v1/push/subscriptions/renew`, { method: "POST", body });
      if (response.ok) return (await response.json()).id;
      if (response.status < 500 && response.status !== 429) return null;
    } catch { // there is no network yet
    }
  }
  return null;
}
