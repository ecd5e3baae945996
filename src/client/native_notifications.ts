/** Native notifications, which the browser shows while the page is hidden. */

import { browser } from "./browser.ts";
import type { ConnectOptions, NativeNotification, TidingsNotification } from "./tidings.ts";

/**
 * @returns a function that shows a notification natively, if the page is hidden and the user has granted permission
 * @param onError receives what the browser or the page's function threw
 */
export function createNativeNotifier(
  option: ConnectOptions["showNotification"],
  onError: (error: unknown) => void,
): (notification: TidingsNotification) => void {
  const convert = typeof option === "function" ? option : fromData;
  return function notify(notification) {
    if (!option || browser.document?.hidden === false || browser.Notification?.permission !== "granted") {
      return;
    }
    try {
      const native = convert(notification);
      if (native !== null) show(native, notification.id);
    } catch (error) {
      onError(error); // Chrome on Android has a `Notification` whose constructor throws
    }
  };
}

/** The browser shows only one of two notifications with the same tag. */
function show({ title, ...options }: NativeNotification, tag: string): void {
  const { Notification, focus } = browser;
  if (Notification === undefined) return;
  const native = new Notification(title, { ...options, tag });
  native.onclick = () => {
    focus?.();
    native.close();
  };
}

/** Asks the user for permission. Browsers require a user's gesture for that. */
export function askToShow(): Promise<"granted" | "denied" | "default"> {
  return browser.Notification?.requestPermission() ?? Promise.resolve("denied");
}

function fromData({ data }: TidingsNotification): NativeNotification | null {
  const { title, body, icon } = Object(data);
  return typeof title === "string" ? { title, body, icon } : null;
}
