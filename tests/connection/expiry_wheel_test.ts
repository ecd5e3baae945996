/** Expiries: what expires, when, and that no timer runs while there is nothing that might. */

import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { ExpiryWheel } from "../../src/connection/expiry_wheel.ts";

/** Notes when it expires, and then is deleted, as a connection is that ends. */
class Noted {
  readonly #expiries: ExpiryWheel;
  readonly #at: number;
  readonly expiredAt: number[] = [];

  constructor(expiries: ExpiryWheel, at: number) {
    this.#expiries = expiries;
    this.#at = at;
    expiries.add(this, at);
  }

  expire(): void {
    this.expiredAt.push(Date.now());
    this.delete();
  }

  delete(): void {
    this.#expiries.delete(this, this.#at);
  }
}

Deno.test("Expiries ends each in its time: not before, and less than two looks after", () => {
  using time = new FakeTime(250);
  const expiries = new ExpiryWheel({ everyMs: 1_000 });
  const ends = [0, 250, 999, 1_000, 1_001, 2_000, 5_500, 5_500, 3_600_000];
  const all = ends.map((at) => new Noted(expiries, at));
  time.tick(3_602_000);
  for (const [index, { expiredAt }] of all.entries()) {
    const end = ends[index] ?? 0, [at = NaN] = expiredAt;
    assertEquals(
      [expiredAt.length, at >= end, at < Math.max(end, 250) + 2_000],
      [1, true, true],
      `${end}: ${at}`,
    );
  }
});

Deno.test("Expiries ends nothing that has ended by itself, and has no timer left then", () => {
  using time = new FakeTime(0);
  const expiries = new ExpiryWheel({ everyMs: 1_000 });
  const gone = new Noted(expiries, 5_000), gone2 = new Noted(expiries, 5_000);
  gone.delete();
  gone.delete();
  time.tick(2_000);
  gone2.delete();
  time.tick(10_000);
  assertEquals([gone.expiredAt, gone2.expiredAt], [[], []]);
  const later = new Noted(expiries, 20_000);
  time.tick(10_000);
  assertEquals(later.expiredAt.length, 1, "and begins anew");
});

Deno.test("Expiries keeps for a hundred years what is for a hundred years", () => {
  using time = new FakeTime(0);
  const expiries = new ExpiryWheel({ everyMs: 1_000 });
  const old = new Noted(expiries, 100 * 365 * 24 * 3_600_000);
  time.tick(60_000);
  assertEquals(old.expiredAt, []);
  old.delete();
});

Deno.test("Expiries goes on with the others when one of them ends another", () => {
  using time = new FakeTime(0);
  const expiries = new ExpiryWheel({ everyMs: 1_000 });
  const ended: string[] = [];
  const second = { expire: () => ended.push("second") };
  const first = {
    expire() {
      ended.push("first");
      for (const one of [first, second]) expiries.delete(one, 1_000);
    },
  };
  const third = {
    expire() {
      ended.push("third");
      expiries.delete(third, 1_000);
    },
  };
  for (const one of [first, second, third]) expiries.add(one, 1_000);
  time.tick(1_000);
  assertEquals(ended, ["first", "third"]);
});
