/** Keeps the number of a target's unread notifications up to date while the panel shows the target. */

import { delay } from "../shared/dom.js";
import { requestJson } from "../shared/server.js";
import { pathOf } from "./lookup.js";

const POLL_INTERVAL_MS = 2_000;

/**
 * Asks for what follows the notifications that were read before: the answer has the number, and little else.
 *
 * @param isShown returns false once the panel shows something else
 * @param onUnread called with the number
 */
export async function watchUnread({ target, next }, { isShown, onUnread }) {
  for (let after = next;;) {
    await delay(POLL_INTERVAL_MS);
    if (!isShown()) return;
    if (document.hidden) continue;
    const page = await requestJson(`${pathOf(target)}/notifications?after=${after}`).catch(() => null);
    if (!isShown()) return;
    if (page === null) continue; // the state of the console says that the service is gone
    after = page.next;
    onUnread(page.unread);
  }
}
