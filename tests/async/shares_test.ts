/** Shares: what owners hold, alone and together. */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Shares } from "../../src/async/shares.ts";

const OWNERS = ["a", "b", "c"];

Deno.test("Shares never gives an owner more than its share, nor all of them more than there is", () => {
  const step = fc.record({ owner: fc.constantFrom(...OWNERS), amount: fc.integer({ min: -6, max: 6 }) });
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const shares = new Shares({ capacity: 10, share: 4 });
    const held = new Map(OWNERS.map((owner) => [owner, 0]));
    const all = () => [...held.values()].reduce((sum, amount) => sum + amount, 0);
    for (const { owner, amount } of steps) {
      const before = held.get(owner) ?? 0;
      if (amount < 0) {
        const released = Math.min(before, -amount);
        shares.release(owner, released);
        held.set(owner, before - released);
      } else {
        const fits = before + amount <= 4 && all() + amount <= 10;
        assertEquals(shares.hasRoomFor(owner, amount), fits);
        assertEquals(shares.take(owner, amount), fits);
        if (fits) held.set(owner, before + amount);
      }
      assertEquals(shares.size, all());
    }
  }));
});
