/** Pace: rests are as long as the work, and no longer than they may be. */

import { assertEquals } from "@std/assert";
import { Pacer } from "../../src/hub/pacer.ts";

/** Each turn of the event loop takes a millisecond; what is sent in it, as long as was said. */
class Loop {
  now = 1_000;
  sendingMs = 0;
  readonly pace = new Pacer({
    nextTurn: () => {
      this.now += 1 + this.sendingMs;
      this.sendingMs = 0;
      return Promise.resolve();
    },
    now: () => this.now,
    minMs: 3,
    maxMs: 10,
  });

  async work(...steps: readonly { ms: number; sendingMs?: number }[]): Promise<void> {
    await this.pace.work(this.#taken(steps));
  }

  /** How long it rests. */
  async rested(isEnough = () => false): Promise<number> {
    const { now } = this;
    await this.pace.rest(isEnough);
    return this.now - now;
  }

  *#taken(steps: readonly { ms: number; sendingMs?: number }[]): Generator<void, void> {
    for (const { ms, sendingMs = 0 } of steps) {
      this.now += ms;
      this.sendingMs = sendingMs;
      yield;
    }
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
  await loop.work({ ms: 2, sendingMs: 3 });
  assertEquals(await loop.rested(), 2 + 3 + 1);
  await loop.work({ ms: 2 });
  assertEquals(await loop.rested(), 2 + 1, "and forgets what was before");
});

Deno.test("Pace rests for a turn after work that was short", async () => {
  const loop = new Loop();
  await loop.work({ ms: 1 });
  assertEquals(await loop.rested(), 1);
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

Deno.test("Pace has a turn of the event loop pass after each step of the work, and rests for all of them", async () => {
  const loop = new Loop();
  const { now } = loop;
  await loop.work({ ms: 1 }, { ms: 2 });
  assertEquals(loop.now - now, 1 + 1 + 2 + 1);
  assertEquals(await loop.rested(), 5);
});

Deno.test("Pace lets no turn pass for work that has no steps", async () => {
  const loop = new Loop();
  const { now } = loop;
  await loop.work();
  assertEquals(loop.now, now);
});
