/** Creates drafts for tests that only count them. */

import type { Draft } from "../../src/journal/journal.ts";

export function drafts(count: number): Draft[] {
  const rest = { data: "1", ttl: null, topic: null, urgency: null, push: null, digest: null };
  return Array.from({ length: count }, (_, index) => ({ id: `${index}`, target: "alexander", ...rest }));
}
