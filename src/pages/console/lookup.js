/** Looks up a target: its connections, and its latest notifications with their delivery reports. */

import { request, requestJson } from "../shared/server.js";
import { parseStoredNotifications } from "./stored_notifications.js";

const MAX_SHOWN = 20;
const MAX_PAGES = 50;

export const pathOf = (target) => `/v1/targets/${encodeURIComponent(target)}`;

/**
 * Resolves with the connections, the latest notifications, how many are unread, and the position `next` after what was
 * looked at. `isComplete` is false if there are newer notifications.
 */
export async function lookUp(target) {
  const [{ connections }, { latest, ...state }] = await Promise.all([
    requestJson(pathOf(target)),
    latestNotifications(target),
  ]);
  const reports = await Promise.all(latest.map(({ id }) => reportOf(id)));
  const notifications = latest.map((one, index) => ({ ...one, report: reports[index] }));
  return { target, connections, notifications, ...state };
}

/**
 * Resolves with the latest notifications, newest first. The API can only page through them from the oldest
 * on.
 */
async function latestNotifications(target) {
  let latest = [], state = {}, after = "";
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const response = await request(`${pathOf(target)}/notifications${after}`);
    const { notifications, next, more, ...page } = parseStoredNotifications(await response.text());
    state = { unread: page.unread, next, isComplete: !more };
    latest = [...latest, ...notifications].slice(-MAX_SHOWN);
    if (!more) break;
    after = `?after=${next}`;
  }
  return { latest: latest.reverse(), ...state };
}

/** Resolves with null if the service no longer has a report. */
async function reportOf(id) {
  try {
    return await requestJson(`/v1/notifications/${encodeURIComponent(id)}`);
  } catch (error) {
    if (error.status === 404) return null;
    throw error;
  }
}
