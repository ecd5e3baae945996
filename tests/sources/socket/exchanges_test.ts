/** Exchanges: the order of a socket's frames, what may be unanswered, and the budget of the node. */

import { assertEquals } from "@std/assert";
import { Shares } from "../../../src/async/shares.ts";
import { type Exchange, Exchanges } from "../../../src/sources/socket/exchanges.ts";

const MIB = 1024 * 1024;
const NOTIFICATION = '{"target":"a","data":1}';

function setUp(budget = new Shares({ capacity: 10 * MIB, share: 10 * MIB })) {
  return { exchanges: new Exchanges("key", budget), budget };
}

/** Starts as many as may be started, and returns them. */
function startAll(exchanges: Exchanges): Exchange[] {
  const started: Exchange[] = [];
  for (let next = exchanges.start(); next !== undefined; next = exchanges.start()) started.push(next);
  return started;
}

Deno.test("Exchanges.add takes 1,000 notifications, and not one more, in frames of any size", () => {
  for (const perFrame of [1, 10, 1_000]) {
    const { exchanges } = setUp();
    const frame = perFrame === 1 ? NOTIFICATION : `[${Array(perFrame).fill(NOTIFICATION).join(",")}]`;
    for (let n = 0; n < 1_000 / perFrame; n++) assertEquals(exchanges.add(frame) === null, false);
    assertEquals(exchanges.add(NOTIFICATION), null);
  }
  assertEquals(setUp().exchanges.add(`[${Array(1_001).fill(NOTIFICATION).join(",")}]`), null);
});

Deno.test("Exchanges.add takes 1 MiB of UTF-8, and not one byte more", () => {
  const { exchanges } = setUp();
  assertEquals(exchanges.add("é".repeat(MIB / 4))?.bytes, MIB / 2);
  assertEquals(exchanges.add("x".repeat(MIB / 2 + 1)), null);
  assertEquals(exchanges.add("x".repeat(MIB / 2))?.bytes, MIB / 2);
  assertEquals(exchanges.add("x"), null);
  assertEquals(setUp().exchanges.add("é".repeat(MIB)), null);
});

Deno.test("Exchanges.add has room again when answers are taken", () => {
  const { exchanges, budget } = setUp();
  const first = exchanges.add("x".repeat(MIB));
  assertEquals(startAll(exchanges), [first]);
  assertEquals(exchanges.add("x"), null);
  Object.assign(first ?? {}, { answer: "a" });
  assertEquals(exchanges.takeAnswers(), ["a"]);
  assertEquals([budget.size, exchanges.size], [0, 0]);
  assertEquals(exchanges.add("x".repeat(MIB))?.bytes, MIB);
});

Deno.test("Exchanges.add keeps no text for which the node has no room, and counts it as a notification", () => {
  const { exchanges } = setUp(new Shares({ capacity: 10, share: 5 }));
  assertEquals(exchanges.add("12345")?.json, "12345");
  assertEquals(exchanges.add("1"), { bytes: 0, notifications: 1, json: null, answer: null });
  for (let n = 2; n < 1_000; n++) exchanges.add("1");
  assertEquals(exchanges.add("1"), null);
  exchanges.clear();
  assertEquals(exchanges.add("12345")?.json, "12345");
});

Deno.test("Exchanges.start starts 64 KiB at a time, or one frame that is larger", () => {
  const { exchanges } = setUp();
  const frame = "x".repeat(20 * 1024), large = "x".repeat(100 * 1024);
  for (const text of [frame, frame, frame, frame, large, frame]) exchanges.add(text);
  const batches: number[] = [];
  while (exchanges.size > 0) {
    const started = startAll(exchanges);
    for (const exchange of started) exchange.answer = "a";
    exchanges.takeAnswers();
    batches.push(started.length);
  }
  assertEquals(batches, [3, 1, 1, 1]);
});

Deno.test("Exchanges.takeAnswers keeps the order: an answer waits for those before it", () => {
  const { exchanges } = setUp();
  const all = ["1", "2", "3"].map((text) => exchanges.add(text));
  startAll(exchanges);
  const answer = (index: number) => Object.assign(all[index] ?? {}, { answer: `${index}` });
  answer(2);
  assertEquals(exchanges.takeAnswers(), []);
  answer(0);
  assertEquals(exchanges.takeAnswers(), ["0"]);
  answer(1);
  assertEquals(exchanges.takeAnswers(), ["1", "2"]);
});

Deno.test("Exchanges.clear gives back all of the budget", () => {
  const { exchanges, budget } = setUp();
  for (let n = 0; n < 10; n++) exchanges.add("x".repeat(1_000));
  startAll(exchanges);
  assertEquals(budget.size, 10_000);
  exchanges.clear();
  assertEquals([budget.size, exchanges.size, exchanges.start()], [0, 0, undefined]);
});
