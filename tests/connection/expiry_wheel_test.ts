/** Tests when entries of the wheel expire, and that no timer runs while there are none. */

import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { ExpiryWheel } from "../../src/connection/expiry_wheel.ts";

/** Records when it expires, and then deletes itself, as a session does. */
class RecordingEntry {
  readonly #wheel: ExpiryWheel;
  readonly #at: number;
  readonly expiredAt: number[] = [];

  constructor(wheel: ExpiryWheel, at: number) {
    this.#wheel = wheel;
    this.#at = at;
    wheel.add(this, at);
  }

  expire(): void {
    this.expiredAt.push(Date.now());
    this.delete();
  }

  delete(): void {
    this.#wheel.delete(this, this.#at);
  }
}

Deno.test("ExpiryWheel ends each entry at its time: not before, and less than two ticks after", () => {
  using time = new FakeTime(250);
  const wheel = new ExpiryWheel({ everyMs: 1_000 });
  const ends = [0, 250, 999, 1_000, 1_001, 2_000, 5_500, 5_500, 3_600_000];
  const entries = ends.map((at) => new RecordingEntry(wheel, at));
  time.tick(3_602_000);
  for (const [index, { expiredAt }] of entries.entries()) {
    const end = ends[index] ?? 0, [at = NaN] = expiredAt;
    assertEquals(
      [expiredAt.length, at >= end, at < Math.max(end, 250) + 2_000],
      [1, true, true],
      `${end}: ${at}`,
    );
  }
});

Deno.test("ExpiryWheel does not end an entry that was deleted, and stops its timer when it is empty", () => {
  using time = new FakeTime(0);
  const wheel = new ExpiryWheel({ everyMs: 1_000 });
  const first = new RecordingEntry(wheel, 5_000), second = new RecordingEntry(wheel, 5_000);
  first.delete();
  first.delete();
  time.tick(2_000);
  second.delete();
  time.tick(10_000);
  assertEquals([first.expiredAt, second.expiredAt], [[], []]);
  const later = new RecordingEntry(wheel, 20_000);
  time.tick(10_000);
  assertEquals(later.expiredAt.length, 1, "the timer starts again");
});

Deno.test("ExpiryWheel keeps an entry that expires in a hundred years", () => {
  using time = new FakeTime(0);
  const wheel = new ExpiryWheel({ everyMs: 1_000 });
  const old = new RecordingEntry(wheel, 100 * 365 * 24 * 3_600_000);
  time.tick(60_000);
  assertEquals(old.expiredAt, []);
  old.delete();
});

Deno.test("ExpiryWheel ends the other entries of a tick when one of them deletes another", () => {
  using time = new FakeTime(0);
  const wheel = new ExpiryWheel({ everyMs: 1_000 });
  const ended: string[] = [];
  const second = { expire: () => ended.push("second") };
  const first = {
    expire() {
      ended.push("first");
      for (const one of [first, second]) wheel.delete(one, 1_000);
    },
  };
  const third = {
    expire() {
      ended.push("third");
      wheel.delete(third, 1_000);
    },
  };
  for (const one of [first, second, third]) wheel.add(one, 1_000);
  time.tick(1_000);
  assertEquals(ended, ["first", "third"]);
});
