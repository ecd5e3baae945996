/** Pace: rests are as long as the work, and no longer than they may be. */

import { assertEquals } from "@std/assert";
import { Pace } from "../../src/hub/pace.ts";

/** Each turn of the event loop takes a millisecond; what is sent in it, as long as was said. */
class Loop {
  now = 1_000;
  sendingMs = 0;
  readonly pace = new Pace({
    nextTurn: () => {
      this.now += 1 + this.sendingMs;
      this.sendingMs = 0;
      return Promise.resolve();
    },
    now: () => this.now,
    mostMs: 10,
  });

  async work({ ms, sendingMs = 0 }: { ms: number; sendingMs?: number }): Promise<void> {
    this.pace.work(() => {
      this.now += ms;
      this.sendingMs = sendingMs;
    });
    await Promise.resolve(); // it has taken note of the next turn
  }

  /** How long it rests. */
  async rested(isEnough = () => false): Promise<number> {
    const { now } = this;
    await this.pace.rest(isEnough);
    return this.now - now;
  }
}

Deno.test("Pace rests for a turn when there was no work before, and when it was long ago", async () => {
  const loop = new Loop();
  assertEquals(await loop.rested(), 1);
  await loop.work({ ms: 5 });
  loop.now += 50;
  assertEquals(await loop.rested(), 1);
});

Deno.test("Pace rests for as long as the last piece of work took, with the turn in which it was sent", async () => {
  const loop = new Loop();
  await loop.work({ ms: 3, sendingMs: 4 });
  assertEquals(await loop.rested(), 3 + 4 + 1);
  await loop.work({ ms: 2 });
  assertEquals(await loop.rested(), 2 + 1, "and forgets what was before");
});

Deno.test("Pace rests no longer than it may", async () => {
  const loop = new Loop();
  await loop.work({ ms: 200 });
  assertEquals(await loop.rested(), 10);
});

Deno.test("Pace rests no longer when enough waits", async () => {
  const loop = new Loop();
  await loop.work({ ms: 8 });
  const until = loop.now + 3;
  assertEquals(await loop.rested(() => loop.now >= until), 3);
});
