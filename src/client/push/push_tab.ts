/** What an open tab does about pushes: it says what it has, and closes what was read. */

import { MAX_SEEN } from "../limits.ts";
import { isRead } from "../own_change.ts";
import type { Tidings } from "../tidings.ts";
import { isPushed, type PushedData } from "./pushed_data.ts";
import type { TabQuestion } from "./tab_question.ts";

interface InboxPage {
  readonly notifications: readonly { readonly id: string; readonly read: boolean }[];
}

const followed = new WeakSet<Tidings>();

/** Follows a connection until it is closed. */
export function followPushes(tidings: Tidings, registration: ServiceWorkerRegistration): void {
  if (followed.has(tidings)) return;
  followed.add(tidings);
  const received = new Map<string, string>(); // positions by ids
  const abort = new AbortController(), until = { signal: abort.signal };
  tidings.addEventListener("notification", ({ detail: { id, position } }) => {
    received.set(id, position);
    const [oldest = ""] = received.keys();
    if (received.size > MAX_SEEN) received.delete(oldest);
  }, until);
  tidings.addEventListener("read", ({ detail }) => {
    void closeShown(
      registration,
      ({ id, position = received.get(id) }) => position !== undefined && isRead(detail, position),
    );
  }, until);
  tidings.addEventListener("state", ({ detail }) => detail.state === "closed" && abort.abort(), until);
  navigator.serviceWorker.addEventListener("message", ({ data, ports }) => {
    const { tidings: question, id, target = tidings.status.target } = Object(data) as TabQuestion;
    const isHere = question === "has" && received.has(id) && target === tidings.status.target;
    if (isHere && !document.hidden) ports[0]?.postMessage(true);
  }, until);
  closeReadMeanwhile(tidings, registration).catch(() => {}); // the next tab does it
}

/** Closes those notifications of pushes for which `isDone` returns true, and none of the application's own. */
export async function closeShown(
  registration: ServiceWorkerRegistration,
  isDone: (data: PushedData) => boolean,
): Promise<void> {
  for (const native of await registration.getNotifications()) {
    if (isPushed(native) && isDone(native.data)) native.close();
  }
}

/** Closes what was read while no tab was open. Pushes are few, so the newest page of the inbox has them. */
async function closeReadMeanwhile(tidings: Tidings, registration: ServiceWorkerRegistration): Promise<void> {
  const shown = await registration.getNotifications();
  if (!shown.some(isPushed)) return;
  const { notifications } = await tidings.request("inbox") as InboxPage;
  const read = notifications.filter((one) => one.read).map(({ id }) => id);
  await closeShown(registration, ({ id }) => read.includes(id));
}
