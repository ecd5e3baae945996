/** Tests how a limit describes itself in response fields, and how it refuses. */

import { assertEquals, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import type { RateLimit } from "../../src/config/rate_limits.ts";
import { type LimitName, QuotaPolicy } from "../../src/quota/quota_policy.ts";
import { Problem } from "../../src/wire/problem.ts";

function setUp(limit: RateLimit, name: LimitName = "key-requests") {
  const clock = { now: 7.25 };
  let limited = 0;
  const policy = new QuotaPolicy({
    ...{ name, limit, subject: "the key billing may send", unit: "requests" },
    now: () => clock.now,
    onLimited: () => void limited++,
  });
  return { clock, policy, bucket: policy.createBucket(), limited: () => limited };
}

Deno.test("QuotaPolicy describes a limit as the draft's fields do", () => {
  const { policy, bucket, clock } = setUp({ perSecond: 100, burst: 500 });
  assertEquals([policy.field, policy.limitField(bucket)], [
    '"key-requests";q=500;w=5',
    '"key-requests";r=500',
  ]);
  policy.take(bucket, 300);
  assertEquals(policy.limitField(bucket), '"key-requests";r=200;t=1');
  clock.now += 1_000;
  assertEquals(policy.limitField(bucket), '"key-requests";r=300;t=1');
});

Deno.test("QuotaPolicy names the unit of notifications, which is not the draft's default, and no window of 0 seconds", () => {
  assertEquals(
    setUp({ perSecond: 0.5, burst: 3 }, "key-notifications").policy.field,
    '"key-notifications";q=3;qu="notifications";w=6',
  );
  assertEquals(setUp({ perSecond: 100, burst: 1 }).policy.field, '"key-requests";q=1;w=1');
});

Deno.test("QuotaPolicy.take refuses with the problem of the draft, and how long to wait", () => {
  const { policy, bucket, clock, limited } = setUp({ perSecond: 0.1, burst: 2_000 });
  policy.take(bucket, 1_999);
  const problem = assertThrows(() => policy.take(bucket, 3), Problem);
  assertEquals(JSON.parse(JSON.stringify(problem)), {
    type: "https://iana.org/assignments/http-problem-types#quota-exceeded",
    title: "Request cannot be satisfied as assigned quota has been exceeded",
    status: 429,
    detail: "the key billing may send 0.1 requests a second, and 2,000 at once",
    "violated-policies": ["key-requests"],
    retry_after: 20,
  });
  assertEquals(problem.headers, {
    "retry-after": "20",
    ratelimit: '"key-requests";r=1;t=20',
    "ratelimit-policy": '"key-requests";q=2000;w=20000',
  });
  assertEquals(limited(), 1);
  clock.now += 20_000;
  policy.take(bucket, 3);
  assertEquals(limited(), 1);
});

Deno.test("QuotaPolicy lets through the burst and what has come back, and refuses as long as it says", () => {
  const limit = fc.record({
    perSecond: fc.constantFrom(0.01, 0.3, 1, 7, 100, 3_333, 1_000_000),
    burst: fc.integer({ min: 1, max: 1_000 }),
  });
  const steps = fc.array(fc.record({ ms: fc.nat(3_000), count: fc.integer({ min: 1, max: 50 }) }), {
    maxLength: 100,
  });
  fc.assert(fc.property(limit, steps, (limit, steps) => {
    const { policy, bucket, clock } = setUp(limit);
    let taken = 0, elapsed = 0;
    for (const { ms, count } of steps) {
      clock.now += ms;
      elapsed += ms;
      const n = Math.min(count, limit.burst), waitMs = policy.tryTake(bucket, n);
      if (waitMs === 0) taken += n;
      else {
        assertEquals(policy.waitMs(bucket, n), waitMs);
        clock.now += Math.ceil(waitMs);
        elapsed += Math.ceil(waitMs);
        assertEquals(policy.tryTake(bucket, n), 0);
        taken += n;
      }
      // The interval of a token is whole microseconds, so a rate can be off by a part in a thousand.
      const most = limit.burst + elapsed / 1_000 * limit.perSecond * 1.001 + 1;
      assertEquals(taken <= most, true, `${taken} of at most ${most}`);
    }
  }));
});
