/** Tests how much a token bucket allows at once and after that, and how long to wait for more. */

import { assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { TokenBucket } from "../../src/connection/token_bucket.ts";

function setUp(start = 1_234.567) {
  const clock = { now: start };
  const bucket = new TokenBucket({ burst: 50, msPerToken: 100 }, () => clock.now);
  return {
    clock,
    bucket,
    takeMany: (count: number) => Array.from({ length: count }, () => bucket.take()),
  };
}

Deno.test("TokenBucket.take allows 50 at once, and then returns when there will be one more", () => {
  const { bucket, clock, takeMany } = setUp();
  assertEquals(new Set(takeMany(50)), new Set([0]));
  assertEquals(takeMany(3), [100, 100, 100], "a refused call takes no token");
  clock.now += 60;
  assertEquals(bucket.take(), 40);
  clock.now += 40;
  assertEquals(takeMany(2), [0, 100]);
});

Deno.test("TokenBucket.take allows 10 a second after the burst", () => {
  const { clock, takeMany } = setUp();
  takeMany(50);
  clock.now += 1_000;
  assertEquals(takeMany(11).filter((waitMs) => waitMs === 0).length, 10);
});

Deno.test("TokenBucket.take allows no more than a burst after a long pause", () => {
  const { clock, takeMany } = setUp();
  clock.now += 3_600_000;
  assertEquals(takeMany(51).filter((waitMs) => waitMs === 0).length, 50);
});

Deno.test("TokenBucket.take never allows more than 50 and 10 a second, whenever it is called", () => {
  const steps = fc.array(fc.double({ min: 0, max: 700, noNaN: true }), { maxLength: 300 });
  fc.assert(fc.property(steps, fc.double({ min: 0, max: 1e9, noNaN: true }), (steps, start) => {
    const { clock, bucket } = setUp(start);
    let tokens = 50, last = Math.floor(start);
    for (const step of steps) {
      clock.now += step;
      const now = Math.floor(clock.now);
      tokens = Math.min(50, tokens + (now - last) / 100);
      last = now;
      const isAllowed = tokens >= 1 - 1e-9; // this model adds up fractions
      assertEquals(bucket.take() === 0, isAllowed);
      if (isAllowed) tokens--;
    }
  }));
});

Deno.test("TokenBucket.take takes several tokens or none, and returns when there will be as many", () => {
  const { bucket, clock } = setUp();
  assertEquals([bucket.take(0), bucket.take(30), bucket.take(21), bucket.take(20)], [0, 0, 100, 0]);
  assertEquals(bucket.take(5), 500);
  clock.now += 500;
  assertEquals([bucket.take(5), bucket.take()], [0, 100]);
});
