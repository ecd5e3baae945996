/** Bells wake whoever sleeps, once a turn. */

import { assertEquals } from "@std/assert";
import { nextTurn } from "../../src/async/next_turn.ts";
import { Bell } from "../../src/workers/bell.ts";
import { TurnBells } from "../../src/workers/turn_bells.ts";

/** Resolves with the promise. Sleeping does not keep a test alive, as it does not keep a process. */
async function alive(promise: Promise<void>): Promise<void> {
  const timer = setInterval(() => {}, 1_000);
  await promise;
  clearInterval(timer);
}

Deno.test("Bell wakes an isolate that sleeps, also from another one that has only its memory", async () => {
  const bell = new Bell(), other = new Bell(bell.memory);
  const heard = bell.heard(() => false);
  other.ring();
  await alive(heard);
});

Deno.test("Bell lets nobody sleep who has something to do", async () => {
  const bell = new Bell();
  await bell.heard(() => true);
  bell.ring(); // nobody sleeps
  const heard = bell.heard(() => false);
  bell.ring();
  await alive(heard);
});

Deno.test("Bell is heard by one that begins to sleep while it rings", async () => {
  const bell = new Bell();
  await bell.heard(() => {
    bell.ring();
    return false;
  });
});

Deno.test("TurnBells ring the bells of those that were written for, once in each turn", async () => {
  const rung: number[] = [], bells = new TurnBells();
  for (const isolate of [0, 3, 30]) {
    const bell = new Bell();
    bell.ring = () => void rung.push(isolate);
    bells.set(isolate, bell);
  }
  bells.due((1 << 3) | (1 << 30));
  bells.due(1 << 3);
  bells.due(0);
  assertEquals(rung, []);
  await nextTurn();
  await nextTurn();
  assertEquals(rung.toSorted(), [3, 30]);
  bells.due(1);
  await nextTurn();
  await nextTurn();
  assertEquals(rung.slice(2), [0]);
});
