/** Allowance: how much at once, how much after that, and how long to wait for more. */

import { assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { TokenBucket } from "../../src/connection/token_bucket.ts";

function bench(start = 1_234.567) {
  const clock = { now: start };
  const allowance = new TokenBucket(() => clock.now);
  return {
    clock,
    allowance,
    taken: (count: number) => Array.from({ length: count }, () => allowance.take()),
  };
}

Deno.test("Allowance.take allows 50 at once, and says when there will be one more", () => {
  const { allowance, clock, taken } = bench();
  assertEquals(new Set(taken(50)), new Set([0]));
  assertEquals(taken(3), [100, 100, 100], "to ask costs nothing");
  clock.now += 60;
  assertEquals(allowance.take(), 40);
  clock.now += 40;
  assertEquals(taken(2), [0, 100]);
});

Deno.test("Allowance.take allows 10 a second after the burst", () => {
  const { clock, taken } = bench();
  taken(50);
  clock.now += 1_000;
  assertEquals(taken(11).filter((waitMs) => waitMs === 0).length, 10);
});

Deno.test("Allowance saves up no more than a burst", () => {
  const { clock, taken } = bench();
  clock.now += 3_600_000;
  assertEquals(taken(51).filter((waitMs) => waitMs === 0).length, 50);
});

Deno.test("Allowance.take never allows more than 50 and 10 a second, whenever it is asked", () => {
  const steps = fc.array(fc.double({ min: 0, max: 700, noNaN: true }), { maxLength: 300 });
  fc.assert(fc.property(steps, fc.double({ min: 0, max: 1e9, noNaN: true }), (steps, start) => {
    const { clock, allowance } = bench(start);
    let bucket = 50, last = Math.floor(start);
    for (const step of steps) {
      clock.now += step;
      const now = Math.floor(clock.now);
      bucket = Math.min(50, bucket + (now - last) / 100);
      last = now;
      const isAllowed = bucket >= 1 - 1e-9; // the plain bucket adds fractions
      assertEquals(allowance.take() === 0, isAllowed);
      if (isAllowed) bucket--;
    }
  }));
});
