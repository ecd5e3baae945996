/** The badge of an installed app, which shows the number of unread notifications. */

import { browser } from "./browser.ts";

/** Sets the badge, or clears it. Does nothing where there are no badges. */
export async function setAppBadge(unread: number): Promise<void> {
  const { navigator } = browser;
  try {
    await (unread > 0 ? navigator?.setAppBadge?.(unread) : navigator?.clearAppBadge?.());
  } catch { // the page is in a frame of another site, or not allowed to
  }
}
