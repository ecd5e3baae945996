/** Tests how much a token bucket allows at once and after that, and how long to wait for more. */

import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { type Rate, TokenBucket } from "../../src/async/token_bucket.ts";

function setUp(start = 1_234.567) {
  const clock = { now: start };
  const bucket = new TokenBucket({ burst: 50, interval: 100 }, () => clock.now);
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

Deno.test("TokenBucket.waitFor returns what take would, and takes nothing", () => {
  const { bucket, clock } = setUp();
  assertEquals([bucket.waitFor(50), bucket.waitFor(51)], [0, 100]);
  bucket.take(50);
  assertEquals([bucket.waitFor(1), bucket.waitFor(1), bucket.waitFor(0)], [100, 100, 0]);
  clock.now += 100;
  assertEquals([bucket.waitFor(1), bucket.take()], [0, 0]);
});

Deno.test("TokenBucket.spend makes a debt, which is paid before anything can be taken", () => {
  const { bucket, clock } = setUp();
  bucket.spend(70);
  assertEquals([bucket.level.available, bucket.take()], [0, 2_100]);
  clock.now += 2_100;
  assertEquals([bucket.level.available, bucket.take(), bucket.level.available], [1, 0, 0]);
});

Deno.test("TokenBucket.spend of what was used a while ago costs a full bucket only what has not come back since", () => {
  const { bucket } = setUp(10_000);
  bucket.spend(10, { ago: 1_000 });
  assertEquals(bucket.level.available, 50);
  bucket.spend(30, { ago: 1_000 });
  assertEquals(bucket.level.available, 20);
});

/** A bucket by the book: it counts tokens, and gains them as time goes by. */
class Model {
  #tokens: number;
  #at: number;

  constructor(readonly rate: Rate, now: number) {
    this.#tokens = rate.burst;
    this.#at = now;
  }

  level(now: number): number {
    this.#tokens = Math.min(this.rate.burst, this.#tokens + (now - this.#at) / this.rate.interval);
    this.#at = now;
    return this.#tokens;
  }

  spend(count: number): void {
    this.#tokens -= count;
  }
}

const EPSILON = 1e-6; // the model adds up fractions

Deno.test("TokenBucket has as many tokens as a model that counts them, whatever is taken and spent", () => {
  const step = fc.record({
    ms: fc.nat(2_000),
    act: fc.constantFrom("take", "spend", "look"),
    count: fc.nat(60),
  });
  const rate = fc.record({
    burst: fc.integer({ min: 1, max: 60 }),
    interval: fc.integer({ min: 1, max: 500 }),
  });
  fc.assert(fc.property(rate, fc.array(step, { maxLength: 200 }), (rate, steps) => {
    const clock = { now: 5_000 },
      bucket = new TokenBucket(rate, () => clock.now),
      model = new Model(rate, clock.now);
    for (const { ms, act, count } of steps) {
      clock.now += ms;
      const level = model.level(clock.now), { next } = bucket.level;
      const isFull = level + EPSILON >= rate.burst,
        missing = Math.max(1, Math.floor(level + EPSILON) + 1) - level;
      assert(Math.abs(next - (isFull ? 0 : missing * rate.interval)) < 1e-3, `${next}`);
      assertEquals(bucket.level.available, Math.max(0, Math.floor(level + EPSILON)));
      if (act === "spend") bucket.spend(count);
      if (act === "take") {
        const n = Math.min(count, rate.burst), wait = bucket.take(n);
        assertEquals(wait === 0, level + EPSILON >= n);
        assert(Math.abs(wait - Math.max(0, (n - level) * rate.interval)) < 1e-3);
        if (wait > 0) continue;
      }
      if (act !== "look") model.spend(act === "take" ? Math.min(count, rate.burst) : count);
    }
  }));
});
