/** The `Prefer` header (RFC 7240). The service supports the preference `wait`. */

import { parseList } from "./header_list.ts";

const MAX_SECONDS = 60;

/** How long the publisher prefers to wait, in whole seconds. Null if it does not, or if the value cannot be parsed. */
export function parsePreferWait(prefer: string | undefined): number | null {
  for (const preference of parseList(prefer)) {
    const [, seconds] = /^wait\s*=\s*"?(\d+)"?\s*(?:;|$)/i.exec(preference) ?? [];
    if (seconds !== undefined) return Math.min(Number(seconds), MAX_SECONDS);
    if (/^wait\s*(?:[=;]|$)/i.test(preference)) return null; // only the first `wait` counts (section 2)
  }
  return null;
}
