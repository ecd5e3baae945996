/** SendQueue: acks and messages, in batches. */

import { assert, assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { SendQueue } from "../../src/client/send_queue.ts";
import type { SendOutcome } from "../../src/client/transport.ts";
import { nextTurn } from "../../src/async/next_turn.ts";

/** A queue, the frames that it has sent, and the server's answers. */
function setUp() {
  const frames: Record<string, unknown>[][] = [];
  const errors: unknown[] = [];
  const answers: (SendOutcome | "lost" | Error | Promise<SendOutcome>)[] = [];
  const send = (messages: readonly string[]) => {
    assert(new TextEncoder().encode(`[${messages}]`).length <= 64 * 1024);
    frames.push(JSON.parse(`[${messages}]`));
    const answer = answers.shift() ?? 0;
    if (answer instanceof Error) return Promise.reject(answer);
    return answer === "lost" ? undefined : answer;
  };
  const transport = {
    send: (messages: readonly string[]) => Promise.resolve(send(messages)),
    ack: (one: string) => send([one]),
  };
  const queue = new SendQueue({
    active: () => transport,
    onError: (error) => errors.push(error),
  });
  return { frames, errors, answers, queue };
}

/** The same, with a connection. */
function setUpOpen(): ReturnType<typeof setUp> {
  const all = setUp();
  all.queue.open();
  return all;
}

const ack = (...ids: string[]) => [{ type: "ack", ids }];
const message = (data: unknown) => ({ type: "message", data });
const text = (data: unknown) => JSON.stringify(message(data));

Deno.test("SendQueue sends at once what is queued in one turn, and the next batch a quarter of a second later", async () => {
  using time = new FakeTime();
  const { queue, frames } = setUpOpen();
  queue.ack(["a"]);
  queue.ack(["b", "c"]);
  assertEquals(frames, []);
  await time.tickAsync(0);
  assertEquals(frames, [ack("a", "b", "c")]);
  queue.ack(["d"]);
  await time.tickAsync(100);
  queue.ack(["e"]);
  await time.tickAsync(149);
  assertEquals(frames.length, 1);
  await time.tickAsync(1);
  assertEquals(frames[1], ack("d", "e"));
});

Deno.test("SendQueue sends an ack of no text like any other, so that the page learns of it and no other ack waits", async () => {
  using time = new FakeTime();
  const { queue, frames } = setUpOpen();
  queue.ack([""]);
  await time.tickAsync(0);
  queue.ack(["a"]);
  await time.tickAsync(250);
  assertEquals(frames, [ack(""), ack("a")]);
});

Deno.test("SendQueue keeps within the limits of the server", async () => {
  using time = new FakeTime();
  const { queue, frames } = setUpOpen();
  const ids = Array.from({ length: 3_000 }, (_, n) => `${n}`.padStart(128, "€"));
  queue.ack(ids);
  for (let n = 0; n < 100; n++) assertEquals(queue.send(text(n)), true);
  assertEquals(queue.send(text("one more")), false);
  for (let second = 0; second < 10; second++) {
    const before = frames.length;
    await time.tickAsync(1_000);
    assert(frames.length - before <= 10);
  }
  await time.tickAsync(20_000);
  const sent = frames.flat().flatMap((one) => one.type === "ack" ? one.ids : []);
  assertEquals(sent, ids);
  assertEquals(frames.flat().flatMap((one) => one.type === "message" ? [one.data] : []), [
    ...Array(100).keys(),
  ]);
});

Deno.test("SendQueue accepts acks before there is a connection, but no messages", async () => {
  using time = new FakeTime();
  const { queue, frames } = setUp();
  queue.ack(["a"]);
  assertEquals(queue.send(text(1)), false);
  await time.tickAsync(1_000);
  assertEquals(frames, []);
  queue.open();
  await time.tickAsync(1_000);
  assertEquals(frames, [ack("a")]);
});

Deno.test("SendQueue keeps at most 10,000 acks while there is no connection, the latest ones", async () => {
  using time = new FakeTime();
  const { queue, frames } = setUp();
  const ids = Array.from({ length: 10_005 }, (_, n) => `${n}`);
  for (let start = 0; start < ids.length; start += 5) queue.ack(ids.slice(start, start + 5));
  queue.open();
  await time.tickAsync(5_000);
  assertEquals(frames.flat().flatMap(({ ids }) => ids), ids.slice(5));
});

Deno.test("SendQueue keeps messages and acks for the next connection", async () => {
  using time = new FakeTime();
  const { queue, frames } = setUpOpen();
  queue.ack(["a"]);
  queue.send(text(1));
  queue.close();
  await time.tickAsync(1_000);
  assertEquals(frames, []);
  queue.open();
  await time.tickAsync(0);
  assertEquals(frames, [[message(1)], ack("a")]);
});

Deno.test("SendQueue repeats what the server had no room for after the time that it asked for", async () => {
  using time = new FakeTime();
  const { queue, frames, errors, answers } = setUpOpen();
  answers.push(5_000);
  queue.send(text(1));
  await time.tickAsync(0);
  queue.send(text(2));
  await time.tickAsync(4_999);
  assertEquals(frames, [[message(1)]]);
  await time.tickAsync(1);
  assertEquals(frames, [[message(1)], [message(1), message(2)]]);
  assertEquals(errors, []);
});

Deno.test("SendQueue reports messages that could not be sent, and continues", async () => {
  using time = new FakeTime();
  const { queue, frames, errors, answers } = setUpOpen();
  const error = new Error("404");
  answers.push(error);
  queue.send(text(1));
  await time.tickAsync(0);
  assertEquals(errors, [error]);
  queue.send(text(2));
  await time.tickAsync(250);
  assertEquals(frames, [[message(1)], [message(2)]]);
});

Deno.test("SendQueue sends again, in order, what became of nobody knows, and gives messages up after ten times", async () => {
  using time = new FakeTime();
  const { queue, frames, errors, answers } = setUpOpen();
  answers.push("lost");
  queue.send(text(1));
  await time.tickAsync(0);
  queue.send(text(2));
  await time.tickAsync(999);
  assertEquals(frames, [[message(1)]]);
  await time.tickAsync(1);
  assertEquals(frames, [[message(1)], [message(1), message(2)]]);
  answers.push(...Array(11).fill("lost"));
  queue.send(text(3));
  await time.tickAsync(60_000);
  assertEquals(frames.slice(2), Array(11).fill([message(3)]));
  assertEquals(errors.length, 1);
  queue.send(text(4));
  await time.tickAsync(20_000);
  assertEquals(frames.at(-1), [message(4)]);
});

Deno.test("SendQueue flushes acks and messages in one turn, because a page that is left has no later one", () => {
  using _time = new FakeTime();
  const { queue, frames, answers } = setUpOpen();
  answers.push(new Promise(() => {}));
  queue.ack(["a"]);
  queue.send(text(1));
  void queue.flush();
  assertEquals(frames, [[message(1)], ack("a")]);
});

Deno.test("SendQueue continues when the clock is set back", async () => {
  using time = new FakeTime();
  const { queue, frames } = setUpOpen();
  queue.send(text(1));
  await time.tickAsync(0);
  const { now } = Date;
  try {
    Date.now = () => now() - 3_600_000;
    queue.send(text(2));
    await time.tickAsync(250);
    assertEquals(frames, [[message(1)], [message(2)]]);
  } finally {
    Date.now = now;
  }
});

Deno.test("SendQueue sends nothing without a connection, even if an answer arrives after the last one has ended", async () => {
  using time = new FakeTime();
  const { queue, frames, answers } = setUpOpen();
  const answer = Promise.withResolvers<SendOutcome>();
  answers.push(answer.promise);
  queue.send(text(1));
  await time.tickAsync(0);
  queue.close();
  queue.open();
  queue.send(text(2));
  answer.resolve(0);
  await nextTurn();
  queue.close();
  await time.tickAsync(1_000);
  assertEquals(frames, [[message(1)]]);
  queue.open();
  await time.tickAsync(0);
  assertEquals(frames, [[message(1)], [message(2)]]);
});
