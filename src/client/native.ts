/** Notifications that the browser itself shows, while nobody sees the page. */

import { browser } from "./browser.ts";
import type { ConnectOptions, Shown, TidingsNotification } from "./tidings.ts";

/** @returns what shows a notification, if the page is hidden and the user has allowed it */
export function showing(
  option: ConnectOptions["showNotification"],
): (notification: TidingsNotification) => void {
  const shownOf = typeof option === "function" ? option : titled;
  return function show(notification) {
    const { document, focus, Notification } = browser;
    if (!option || document?.hidden === false || Notification?.permission !== "granted") return;
    const shown = shownOf(notification);
    if (shown === null) return;
    const { title, ...options } = shown;
    const native = new Notification(title, { ...options, tag: notification.id }); // two tabs show it once
    native.onclick = () => {
      focus?.();
      native.close();
    };
  };
}

/** Asks the user. Browsers want a gesture for that. */
export function askToShow(): Promise<"granted" | "denied" | "default"> {
  return browser.Notification?.requestPermission() ?? Promise.resolve("denied");
}

function titled({ data }: TidingsNotification): Shown | null {
  const { title, body, icon } = Object(data);
  return typeof title === "string" ? { title, body, icon } : null;
}
