/** Rings: what is left when the only entry of a ring is replaced. */

import { assertEquals } from "@std/assert";
import type { Kept } from "../../src/journal/ring.ts";
import { Rings } from "../../src/journal/rings.ts";

Deno.test("Rings finds an entry that replaced the only one of a target that nobody follows", () => {
  const rings = new Rings<Kept>({ seconds: 60, perTarget: 2, bytes: 1_000 });
  const kept = { target: "alexander", topic: "duel", expiresAt: 60_000, isBrief: false, bytes: 10 };
  for (const sequence of [1, 2]) rings.keep({ ...kept, sequence }, 0);
  assertEquals([...rings.after("alexander", 0)].map(({ sequence }) => sequence), [2]);
});
