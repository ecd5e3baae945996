/** reported: who is told that a notification was accepted, and when. */

import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import type { Draft, Receipt } from "../../src/journal/journal.ts";
import { MemoryJournal } from "../../src/journal/memory.ts";
import type { Append } from "../../src/sources/append.ts";
import { reported } from "../../src/sources/reported.ts";

const NOW = Date.UTC(1804, 6, 11, 7);

function draft(id: string, ttl: number | null = null, target: string | null = "alexander"): Draft {
  return { id, target, data: "1", ttl, topic: null, urgency: null, digest: "content" };
}

/** The append, and what was told. */
function reportedFrom(append: Append, { seconds = 3_600 } = {}) {
  const told: [string, number][] = [];
  const accepted = ({ id }: Draft, at: number) => void told.push([id, at]);
  return { told, append: reported(append, { retention: { seconds }, accepted }) };
}

for (const seconds of [0, 60, 86_400]) {
  Deno.test(`reported tells to the millisecond when something was accepted that is kept for ${seconds} seconds or less`, async () => {
    const feed = { offer: () => true, gap: () => {} };
    const journal = new MemoryJournal(feed, { seconds, perTarget: 10, bytes: 1_000_000 }, () => NOW);
    const { append, told } = reportedFrom((drafts) => journal.append(drafts), { seconds });
    await append([draft("a"), draft("b", 0), draft("c", 30), draft("d", 1e9), draft("e", null, null)]);
    assertEquals(told, ["a", "b", "c", "d", "e"].map((id) => [id, NOW]));
  });
}

Deno.test("reported tells nothing of a repeat, of a conflict, or of what was not appended", async () => {
  const outcomes: Receipt[] = [
    { outcome: "repeated", position: "p1", expiresAt: NOW },
    { outcome: "conflict" },
    { outcome: "kept", position: "p2", expiresAt: NOW },
  ];
  const { append, told } = reportedFrom(() => Promise.resolve(outcomes), { seconds: 1 });
  assertStrictEquals(await append(["a", "b", "c"].map((id) => draft(id))), outcomes);
  assertEquals(told, [["c", NOW - 1_000]]);
  const failed = reportedFrom(() => Promise.reject(new Error("no journal")));
  await assertRejects(() => failed.append([draft("a")]), Error, "no journal");
  assertEquals(failed.told, []);
});
