/** Looking up a target: its connections, and its latest notifications with their reports. */

import { ask, respond } from "../shared/server.js";
import { keptIn } from "./kept.js";

const MAX_SHOWN = 20;
const MAX_PAGES = 50;

export const pathOf = (target) => `/v1/targets/${encodeURIComponent(target)}`;

/** What there is of it; `isRead`: whether that goes up to the latest notification. */
export async function lookUp(target) {
  const [{ connections }, { latest, isRead }] = await Promise.all([ask(pathOf(target)), latestOf(target)]);
  const reports = await Promise.all(latest.map(({ id }) => reportOf(id)));
  const notifications = latest.map((one, index) => ({ ...one, report: reports[index] }));
  return { target, connections, notifications, isRead };
}

/** The newest first. The journal is read from the oldest on, for it knows no other way. */
async function latestOf(target) {
  let latest = [], after = "";
  for (let page = 0; page < MAX_PAGES; page++) {
    const response = await respond(`${pathOf(target)}/notifications${after}`);
    const { notifications, next, more } = keptIn(await response.text());
    latest = [...latest, ...notifications].slice(-MAX_SHOWN);
    if (!more) return { latest: latest.reverse(), isRead: true };
    after = `?after=${next}`;
  }
  return { latest: latest.reverse(), isRead: false };
}

/** Null: nothing is known of it any more. */
async function reportOf(id) {
  try {
    return await ask(`/v1/notifications/${encodeURIComponent(id)}`);
  } catch (refusal) {
    if (refusal.status === 404) return null;
    throw refusal;
  }
}
