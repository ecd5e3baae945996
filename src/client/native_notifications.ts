/** Native notifications, which the browser shows while the page is hidden. */

import { browser } from "./browser.ts";
import type {
  ConnectOptions,
  NativeNotification,
  ShownNotification,
  TidingsNotification,
} from "./tidings.ts";

/**
 * @returns a function that shows a notification natively, if the page is hidden and the user has granted permission
 * @param onError receives what the browser or the page's function threw
 * @param onShown receives what is shown, unless a service worker shows it
 */
export function createNativeNotifier(
  option: ConnectOptions["showNotification"],
  onError: (error: unknown) => void,
  onShown: (native: ShownNotification) => void,
): (notification: TidingsNotification) => Promise<void> {
  const convert = typeof option === "function" ? option : fromData;
  return async function notify(notification) {
    const { Notification, document, focus } = browser;
    if (!option || document?.hidden === false || Notification?.permission !== "granted") return;
    try {
      const { title, ...others } = convert(notification) ?? {};
      if (title === undefined) return;
      // Of two notifications with the same tag, the browser shows one. A later use of an id has another position.
      const options = { ...others, tag: notification.position };
      try {
        const native = new Notification(title, options);
        native.onclick = () => {
          focus?.();
          native.close();
        };
        onShown(native);
      } catch (error) { // on Android and in a service worker, the constructor throws
        const registration = browser.registration ??
          await browser.navigator?.serviceWorker?.getRegistration();
        if (!registration) throw error;
        await registration.showNotification(title, options);
      }
    } catch (error) {
      onError(error);
    }
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
