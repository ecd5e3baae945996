/** Tests that a pacer rests for as long as the work took, within its limits. */

import { assertEquals } from "@std/assert";
import { Pacer } from "../../src/hub/pacer.ts";

/** An event loop whose turns take a millisecond, and longer if something is sent in them. */
class Loop {
  now = 1_000;
  sendingMs = 0;
  readonly pacer = new Pacer({
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
    await this.pacer.work(this.#steps(steps));
  }

  /** Rests, and returns for how long. */
  async rest(isEnough = () => false): Promise<number> {
    const { now } = this;
    await this.pacer.rest(isEnough);
    return this.now - now;
  }

  *#steps(steps: readonly { ms: number; sendingMs?: number }[]): Generator<void, void> {
    for (const { ms, sendingMs = 0 } of steps) {
      this.now += ms;
      this.sendingMs = sendingMs;
      yield;
    }
  }
}

Deno.test("Pacer rests for one turn if there was no work before, or if it was long ago", async () => {
  const loop = new Loop();
  assertEquals(await loop.rest(), 1);
  await loop.work({ ms: 5 });
  loop.now += 50;
  assertEquals(await loop.rest(), 1);
});

Deno.test("Pacer rests for as long as the last piece of work took, including the turns in which it was sent", async () => {
  const loop = new Loop();
  await loop.work({ ms: 2, sendingMs: 3 });
  assertEquals(await loop.rest(), 2 + 3 + 1);
  await loop.work({ ms: 2 });
  assertEquals(await loop.rest(), 2 + 1, "earlier work does not count");
});

Deno.test("Pacer rests for one turn after short work", async () => {
  const loop = new Loop();
  await loop.work({ ms: 1 });
  assertEquals(await loop.rest(), 1);
});

Deno.test("Pacer rests for at most maxMs", async () => {
  const loop = new Loop();
  await loop.work({ ms: 200 });
  assertEquals(await loop.rest(), 10);
});

Deno.test("Pacer ends a rest when enough is waiting", async () => {
  const loop = new Loop();
  await loop.work({ ms: 8 });
  const enoughAt = loop.now + 3;
  assertEquals(await loop.rest(() => loop.now >= enoughAt), 3);
});

Deno.test("Pacer waits for a turn of the event loop after each step of the work, and rests for all of them", async () => {
  const loop = new Loop();
  const { now } = loop;
  await loop.work({ ms: 1 }, { ms: 2 });
  assertEquals(loop.now - now, 1 + 1 + 2 + 1);
  assertEquals(await loop.rest(), 5);
});

Deno.test("Pacer waits for no turn if the work has no steps", async () => {
  const loop = new Loop();
  const { now } = loop;
  await loop.work();
  assertEquals(loop.now, now);
});
