/** The English texts of the bell, and how values get into a text. */

import type { BellTexts } from "./bell_texts.ts";

/** `{count}` and `{title}` are replaced. */
export const TEXTS: BellTexts = {
  title: "Notifications",
  titleUnread: "Notifications, {count} unread",
  readAll: "Mark all as read",
  more: "Show older",
  moreFailed: "Older notifications could not be loaded.",
  unread: "Unread",
  markRead: "Mark as read: {title}",
  markUnread: "Mark as unread: {title}",
  untitled: "Notification",
  arrived: "New notification: {title}",
  arrivedMany: "{count} new notifications",
  loading: "Loading…",
  empty: "Nothing here yet.",
  offline: "Offline. Trying to reconnect…",
  unreachable: "The server cannot be reached. Trying again…",
  signedOut: "You are signed out.",
  failed: "Notifications are not available.",
};

/** Puts values into a text. */
export function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
