/** Tests BucketTable: it is like a map of buckets that never forgets, and yet it is bounded. */

import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { TokenBucket } from "../../src/async/token_bucket.ts";
import { BucketTable } from "../../src/quota/bucket_table.ts";

const RATE = { burst: 3, interval: 100 }, FILL_MS = 300;

function setUp(max: number) {
  const clock = { now: 0 }, now = () => clock.now;
  const createBucket = () => new TokenBucket(RATE, now);
  return { clock, createBucket, table: new BucketTable({ createBucket, fillMs: FILL_MS, max, now }) };
}

Deno.test("BucketTable forgets nothing that matters while there are fewer addresses than it keeps", () => {
  const steps = fc.array(fc.record({ ms: fc.nat(400), address: fc.nat(9) }), { maxLength: 300 });
  fc.assert(fc.property(steps, (steps) => {
    const { clock, table, createBucket } = setUp(20);
    const model = new Map<number, TokenBucket>();
    for (const { ms, address } of steps) {
      clock.now += ms;
      const expected = model.getOrInsertComputed(address, createBucket).take();
      assertEquals(table.of(`${address}`).take(), expected);
    }
  }));
});

Deno.test("BucketTable keeps a bounded number of buckets, however many addresses there are", () => {
  const { clock, table } = setUp(100);
  for (let n = 0; n < 10_000; n++) {
    table.of(`${n}`).take();
    if (n % 7 === 0) clock.now++;
    assert(table.size <= 100);
  }
});

Deno.test("BucketTable keeps the bucket of an address that is used, whoever floods it with others", () => {
  const { table } = setUp(100);
  for (const _ of [1, 2, 3]) assertEquals(table.of("busy").take(), 0);
  for (let n = 0; n < 10_000; n++) {
    table.of(`${n}`).take();
    if (n % 40 === 0) assert(table.of("busy").take() > 0, `${n}`);
  }
});

Deno.test("BucketTable lets go of what nobody uses any more", () => {
  const { clock, table } = setUp(100);
  for (let n = 0; n < 50; n++) table.of(`${n}`).take();
  clock.now += 2 * FILL_MS;
  table.of("one").take();
  assertEquals(table.size, 1);
});
