/** What a draft has that asks for nothing but to be kept and delivered. */

import type { Draft } from "../../src/journal/journal.ts";

export const PLAIN_DRAFT: Omit<Draft, "id" | "target" | "data"> = {
  ttl: null,
  topic: null,
  urgency: null,
  push: null,
  digest: null,
};
