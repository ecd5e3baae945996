/** Outgoing: acks and messages, in batches. */

import { assert, assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { SendQueue } from "../../src/client/send_queue.ts";
import { nextTurn } from "../../src/async/next_turn.ts";

/** What goes out, and what the server says to it. */
class Desk {
  readonly frames: Record<string, unknown>[][] = [];
  readonly failures: unknown[] = [];
  answers: (number | Error | Promise<number>)[] = [];
  readonly outgoing = new SendQueue({
    send: (messages) => {
      assert(new TextEncoder().encode(`[${messages}]`).length <= 64 * 1024);
      this.frames.push(JSON.parse(`[${messages}]`));
      const answer = this.answers.shift() ?? 0;
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    failed: (error) => this.failures.push(error),
  });

  static open(): Desk {
    const desk = new Desk();
    desk.outgoing.open();
    return desk;
  }
}

const ack = (...ids: string[]) => [{ type: "ack", ids }];
const message = (data: unknown) => ({ type: "message", data });
const text = (data: unknown) => JSON.stringify(message(data));

Deno.test("Outgoing sends the first at once, with what came in the same turn, and the next a quarter of a second later", async () => {
  using time = new FakeTime();
  const { outgoing, frames } = Desk.open();
  outgoing.ack(["a"]);
  outgoing.ack(["b", "c"]);
  assertEquals(frames, []);
  await time.tickAsync(0);
  assertEquals(frames, [ack("a", "b", "c")]);
  outgoing.ack(["d"]);
  await time.tickAsync(100);
  outgoing.ack(["e"]);
  await time.tickAsync(149);
  assertEquals(frames.length, 1);
  await time.tickAsync(1);
  assertEquals(frames[1], ack("d", "e"));
});

Deno.test("Outgoing keeps within what the server takes, whatever it is given", async () => {
  using time = new FakeTime();
  const { outgoing, frames } = Desk.open();
  const ids = Array.from({ length: 3_000 }, (_, n) => `${n}`.padStart(128, "€"));
  outgoing.ack(ids);
  for (let n = 0; n < 100; n++) assertEquals(outgoing.message(text(n)), true);
  assertEquals(outgoing.message(text("one more")), false);
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

Deno.test("Outgoing takes nothing before there is a connection", async () => {
  using time = new FakeTime();
  const { outgoing, frames } = new Desk();
  outgoing.ack(["a"]);
  assertEquals(outgoing.message(text(1)), false);
  outgoing.open();
  await time.tickAsync(1_000);
  assertEquals(frames, []);
});

Deno.test("Outgoing keeps messages for the next connection, and no acks, for those would not count there", async () => {
  using time = new FakeTime();
  const { outgoing, frames } = Desk.open();
  outgoing.ack(["a"]);
  outgoing.message(text(1));
  outgoing.close();
  await time.tickAsync(1_000);
  assertEquals(frames, []);
  outgoing.open();
  await time.tickAsync(0);
  assertEquals(frames, [[message(1)]]);
});

Deno.test("Outgoing repeats what the server had no room for, when it may", async () => {
  using time = new FakeTime();
  const desk = Desk.open();
  desk.answers = [5_000];
  desk.outgoing.message(text(1));
  await time.tickAsync(0);
  desk.outgoing.message(text(2));
  await time.tickAsync(4_999);
  assertEquals(desk.frames, [[message(1)]]);
  await time.tickAsync(1);
  assertEquals(desk.frames, [[message(1)], [message(1), message(2)]]);
  assertEquals(desk.failures, []);
});

Deno.test("Outgoing tells of what could not be sent, and goes on", async () => {
  using time = new FakeTime();
  const desk = Desk.open();
  const error = new Error("404");
  desk.answers = [error];
  desk.outgoing.message(text(1));
  await time.tickAsync(0);
  assertEquals(desk.failures, [error]);
  desk.outgoing.message(text(2));
  await time.tickAsync(250);
  assertEquals(desk.frames, [[message(1)], [message(2)]]);
});

Deno.test("Outgoing hands over acks and messages in one turn, for a page that is left has no later one", () => {
  using _time = new FakeTime();
  const desk = Desk.open();
  desk.answers = [new Promise(() => {})];
  desk.outgoing.ack(["a"]);
  desk.outgoing.message(text(1));
  void desk.outgoing.flush();
  assertEquals(desk.frames, [ack("a"), [message(1)]]);
});

Deno.test("Outgoing goes on when the clock is set back", async () => {
  using time = new FakeTime();
  const { outgoing, frames } = Desk.open();
  outgoing.message(text(1));
  await time.tickAsync(0);
  const { now } = Date;
  try {
    Date.now = () => now() - 3_600_000;
    outgoing.message(text(2));
    await time.tickAsync(250);
    assertEquals(frames, [[message(1)], [message(2)]]);
  } finally {
    Date.now = now;
  }
});

Deno.test("Outgoing sends nothing while there is no connection, also if an answer came after the last one ended", async () => {
  using time = new FakeTime();
  const desk = Desk.open();
  const answer = Promise.withResolvers<number>();
  desk.answers = [answer.promise];
  desk.outgoing.message(text(1));
  await time.tickAsync(0);
  desk.outgoing.close();
  desk.outgoing.open();
  desk.outgoing.message(text(2));
  answer.resolve(0);
  await nextTurn();
  desk.outgoing.close();
  await time.tickAsync(1_000);
  assertEquals(desk.frames, [[message(1)]]);
  desk.outgoing.open();
  await time.tickAsync(0);
  assertEquals(desk.frames, [[message(1)], [message(2)]]);
});
