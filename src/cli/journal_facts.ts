/** What a backup holds, as text and as JSON. */

import type { BackupFacts } from "../journal/sqlite/finish_copy.ts";

/** @param act what was done, such as `backed up data/tidings.db` */
export function factsText(
  act: string,
  { bytes, entries, scheduled, pushSubscriptions }: BackupFacts,
): string {
  const kept = entries === 1 ? "1 entry" : `${entries} entries`;
  const pushes = pushSubscriptions === 1 ? "1 push subscription" : `${pushSubscriptions} push subscriptions`;
  return `${act}: ${bytes} bytes, ${kept}, ${scheduled} scheduled, ${pushes}`;
}

export function factsJson(
  members: Readonly<Record<string, string>>,
  { bytes, entries, scheduled, pushSubscriptions }: BackupFacts,
): string {
  return JSON.stringify({ ...members, bytes, entries, scheduled, push_subscriptions: pushSubscriptions });
}
