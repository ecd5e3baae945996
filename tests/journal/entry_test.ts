/** parseAcceptedAt reads the time of acceptance from an entry's text, whatever the id contains. */

import { assertEquals } from "@std/assert";
import { createEntry } from "../../src/journal/entry.ts";
import { parseAcceptedAt } from "../../src/journal/entry_text.ts";

const NOW = Date.UTC(1804, 6, 11, 7, 0, 0, 123);
const IDS = ["a", '","at":"1999-01-01T00:00:00.000Z"', "\\", '\\","at":"', "é🗽", '"', "x".repeat(128)];

for (const id of IDS) {
  Deno.test(`parseAcceptedAt finds the time of acceptance of a notification with the id ${id.slice(0, 40)}`, () => {
    const draft = {
      id,
      target: null,
      data: '"at"',
      ttl: null,
      topic: null,
      urgency: null,
      push: null,
      digest: null,
    };
    const entry = createEntry(draft, {
      sequence: 1,
      position: "00000000-00000000001",
      acceptedAt: NOW,
      retentionSeconds: 60,
    });
    assertEquals(parseAcceptedAt(entry.text), NOW);
  });
}
