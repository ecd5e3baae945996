/** Notifications that the browser itself shows, while nobody sees the page. */

import { browser } from "./browser.ts";
import type { ConnectOptions, NativeNotification, TidingsNotification } from "./tidings.ts";

/** @returns what shows a notification, if the page is hidden and the user has allowed it */
export function showing(
  option: ConnectOptions["showNotification"],
  failed: (error: unknown) => void,
): (notification: TidingsNotification) => void {
  const shownOf = typeof option === "function" ? option : titled;
  return function show(notification) {
    if (!option || browser.document?.hidden === false || browser.Notification?.permission !== "granted") {
      return;
    }
    try {
      const shown = shownOf(notification);
      if (shown !== null) showNow(shown, notification.id);
    } catch (error) {
      failed(error); // Chrome on Android has Notification, and throws when one is made; the page's function may throw
    }
  };
}

/** Two that have the same tag are shown once. */
function showNow({ title, ...options }: NativeNotification, tag: string): void {
  const { Notification, focus } = browser;
  if (Notification === undefined) return;
  const native = new Notification(title, { ...options, tag });
  native.onclick = () => {
    focus?.();
    native.close();
  };
}

/** Asks the user. Browsers want a gesture for that. */
export function askToShow(): Promise<"granted" | "denied" | "default"> {
  return browser.Notification?.requestPermission() ?? Promise.resolve("denied");
}

function titled({ data }: TidingsNotification): NativeNotification | null {
  const { title, body, icon } = Object(data);
  return typeof title === "string" ? { title, body, icon } : null;
}
