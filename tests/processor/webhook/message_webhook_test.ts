/** MessageWebhook: everything it takes is delivered, or accounted for in the log; and it ends when it is told to. */

import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { ReceivingChannel } from "../../receiving_channel.ts";
import { MessageWebhook, type MessageWebhookDeps } from "../../../src/processor/webhook/message_webhook.ts";
import { type Answer, Application, status } from "./application.ts";

const HELLO = { target: "alexander", connection: "c1", data: { text: "Hello, Alexander Hamilton!" } };

interface Logged {
  readonly message: string;
  readonly [property: string]: unknown;
}

/** A webhook that runs, what it logs, and the application that it posts to. */
class Bench implements AsyncDisposable {
  readonly application: Application;
  readonly webhook: MessageWebhook;
  /** What is logged of each failure that is to be followed by another attempt. */
  readonly repeats = new ReceivingChannel<Logged>(10_000);
  readonly errors = new ReceivingChannel<Logged>(10_000);
  readonly #running: Promise<void>;

  constructor(answer: Answer, parts: Partial<MessageWebhookDeps> = {}) {
    this.application = new Application(answer);
    const log = {
      debug: (message: string, properties: object) => void this.repeats.trySend({ message, ...properties }),
      error: (message: string, properties: object) => void this.errors.trySend({ message, ...properties }),
    };
    this.webhook = new MessageWebhook(this.application.endpoint, { capacity: 100, log, ...parts });
    this.#running = this.webhook.run();
  }

  /** Takes a message for each target; fails if there is no room. */
  take(...targets: string[]): void {
    for (const target of targets) assert(this.webhook.take({ ...HELLO, target }), target);
  }

  /** Resolves when everything is settled. */
  async closed(): Promise<Logged[]> {
    this.webhook.close();
    await this.#running;
    return this.errors.drain();
  }

  /** Resolves when it has stopped, whatever is left. */
  async aborted(): Promise<Logged[]> {
    this.webhook.abort();
    await this.#running;
    return this.errors.drain();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.aborted();
    await this.application[Symbol.asyncDispose]();
  }
}

function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `target-${index}`);
}

Deno.test("MessageWebhook posts a message with whose it is, and when it was taken", async () => {
  using _ = new FakeTime("2026-01-01T00:00:00.123Z");
  await using bench = new Bench(() => status(204));
  assertEquals(bench.webhook.take(HELLO), true);
  const { payload, headers } = await bench.application.posted.receive();
  assertEquals(payload, { type: "message.received", timestamp: "2026-01-01T00:00:00.123Z", data: HELLO });
  assertMatch(headers.get("webhook-id") ?? "", /^msg_[0-9a-f-]{36}$/);
  assertEquals(await bench.closed(), []);
});

Deno.test("MessageWebhook takes any JSON for data, however deep", async () => {
  let deep: unknown = null;
  for (let depth = 0; depth < 32_000; depth++) deep = [deep];
  await using bench = new Bench(() => status(204));
  const values = [null, false, 0, "", [], {}, "\u2028\ud800 🎩", deep];
  for (const data of values) assert(bench.webhook.take({ ...HELLO, data }));
  assertEquals(await bench.closed(), []);
  const bodies = bench.application.posted.drain().map(({ body }) => body.slice(body.indexOf('"data":{')));
  const expected = values.map((data) => `"data":${JSON.stringify({ ...HELLO, data })}}`);
  assertEquals(bodies.toSorted(), expected.toSorted());
});

Deno.test("MessageWebhook repeats what fails with growing waits, under the same id, signed anew", async () => {
  using time = new FakeTime("2026-01-01T00:00:00Z");
  const answers = [500, 404, 302, 200];
  await using bench = new Bench(() => status(answers.shift() ?? 500), { random: () => 1 });
  bench.take("alexander");
  const first = await bench.application.posted.receive();
  for (const [index, waitMs] of [500, 1_000, 2_000].entries()) {
    const { failures, waitMs: logged } = await bench.repeats.receive();
    assertEquals([failures, logged], [index + 1, waitMs]);
    time.tick(waitMs - 1);
    assertEquals(bench.application.posted.size, 0);
    time.tick(1);
    const { body, headers } = await bench.application.posted.receive();
    assertEquals([body, headers.get("webhook-id")], [first.body, first.headers.get("webhook-id")]);
    assertEquals(headers.get("webhook-timestamp"), String(Math.floor(time.now / 1000)));
  }
  assertEquals(await bench.closed(), []);
  assertEquals(bench.application.posted.size, 0);
});

Deno.test("MessageWebhook gives up after ten attempts, and says which message, but not what was in it", async () => {
  await using bench = new Bench(() => status(503), { random: () => 0 });
  bench.take("alexander");
  const [gaveUp, ...more] = await bench.closed();
  const posted = bench.application.posted.drain();
  const ids = new Set(posted.map(({ headers }) => headers.get("webhook-id")));
  assertEquals([posted.length, ids.size, more], [10, 1, []]);
  assertEquals(gaveUp, {
    message: "gave up {id} for {target}: {reason}",
    id: [...ids][0],
    target: "alexander",
    reason: "the webhook answered 503",
    failures: 10,
  });
  assert(!JSON.stringify([gaveUp, bench.repeats.drain()]).includes("Hello"));
});

Deno.test("MessageWebhook waits at least as long as the application asks for, up to ten minutes", async () => {
  using time = new FakeTime("2026-01-01T00:00:00Z");
  const asked = ["120", "Thu, 01 Jan 2026 00:05:00 GMT", "86400"];
  const answer = () => asked.length > 0 ? status(503, { "retry-after": asked.shift() ?? "" }) : status(200);
  await using bench = new Bench(answer, { random: () => 0 });
  bench.take("alexander");
  for (const waitMs of [120_000, 180_000, 600_000]) {
    assertEquals((await bench.repeats.receive()).waitMs, waitMs);
    time.tick(waitMs);
  }
  assertEquals(await bench.closed(), []);
});

Deno.test("MessageWebhook repeats what nobody answered in time, and where nobody listened", async () => {
  using time = new FakeTime();
  let calls = 0;
  const flaky: typeof fetch = (input, init) =>
    ++calls === 1 ? Promise.reject(new TypeError("fetch failed")) : fetch(input, init);
  const answer = () => calls === 2 ? null : status(200);
  await using bench = new Bench(answer, { random: () => 1, fetch: flaky });
  bench.take("alexander");
  assertEquals((await bench.repeats.receive()).reason, "fetch failed");
  time.tick(500);
  await bench.application.posted.receive();
  time.tick(15_000);
  assertEquals((await bench.repeats.receive()).reason, "no answer in 15 seconds");
  time.tick(1_000);
  assertEquals(await bench.closed(), []);
});

Deno.test("MessageWebhook has eight requests in flight at most, and delivers everything, whatever fails", async () => {
  const attempts = new Map<string, number>(), delivered: string[] = [];
  let inFlight = 0, max = 0;
  async function answer({ body, headers }: { body: string; headers: Headers }): Promise<Response> {
    max = Math.max(max, ++inFlight);
    await new Promise((resolve) => setImmediate(resolve));
    inFlight--;
    const id = headers.get("webhook-id") ?? "";
    attempts.set(id, (attempts.get(id) ?? 0) + 1);
    const target: string = JSON.parse(body).data.target;
    if (Number(target.split("-")[1]) % 5 >= Number(attempts.get(id))) return status(500);
    delivered.push(target);
    return status(200);
  }
  await using bench = new Bench(answer, { random: () => 0 });
  bench.take(...names(100));
  assertEquals(bench.webhook.size, 100);
  assertEquals(await bench.closed(), []);
  assertEquals(delivered.toSorted(), names(100).toSorted());
  assertEquals([max, bench.webhook.size], [8, 0]);
});

Deno.test("MessageWebhook takes no more than it has room for: what is in flight or waits for a retry counts", async () => {
  using time = new FakeTime();
  const answers = [503, 200];
  await using bench = new Bench(() => status(answers.shift() ?? 200), { capacity: 1, random: () => 1 });
  bench.take("alexander");
  assertEquals([bench.webhook.take(HELLO), bench.webhook.size, bench.webhook.capacity], [false, 1, 1]);
  await bench.repeats.receive();
  assertEquals(bench.webhook.take(HELLO), false);
  time.tick(500);
  while (bench.webhook.size > 0) await new Promise((resolve) => setImmediate(resolve));
  bench.take("aaron");
  assertEquals(await bench.closed(), []);
  const payloads = bench.application.posted.drain().map(({ payload }) => payload);
  assertEquals(payloads.length, 3);
  assertEquals(payloads[0], payloads[1]);
  assertNotEquals(payloads[1], payloads[2]);
});

Deno.test("MessageWebhook delivers past messages that wait for a retry", async () => {
  using _ = new FakeTime();
  const answer: Answer = ({ body }) =>
    body.includes("aaron") ? status(200) : status(429, { "retry-after": "600" });
  await using bench = new Bench(answer);
  bench.take(...names(20));
  for (let count = 0; count < 20; count++) await bench.repeats.receive();
  bench.take("aaron");
  while (bench.webhook.size > 20) await new Promise((resolve) => setImmediate(resolve));
  assertEquals(await bench.aborted(), [
    { message: "stopped before {undelivered} messages were delivered", undelivered: 20 },
  ]);
});

Deno.test("MessageWebhook is disabled by a 410: it drops what it has and what comes, and counts them", async () => {
  using _ = new FakeTime();
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  async function answer({ body }: { body: string }): Promise<Response> {
    if (body.includes("retry")) return status(503);
    await released;
    if (body.includes("target-0")) return status(410);
    await gone; // seven others in flight
    return body.includes("target-1") ? status(200) : body.includes("target-2") ? status(410) : status(500);
  }
  await using bench = new Bench(answer);
  const gone = bench.errors.receive();
  bench.take("retry");
  await bench.repeats.receive();
  bench.take(...names(10)); // two of them are queued
  for (let count = 0; count < 9; count++) await bench.application.posted.receive();
  release();
  assertEquals(await gone, { message: "the webhook answered 410: messages are dropped from now on" });
  assertEquals(bench.webhook.size, 7); // those in flight: what was queued, and what waited for a retry, is gone
  bench.take("later", "and later");
  assertEquals(await bench.closed(), [
    { message: "dropped {dropped} messages: the webhook answered 410", dropped: 12 }, // all but target-1
  ]);
  assertEquals([bench.application.posted.size, bench.webhook.size], [0, 0]);
});

Deno.test("MessageWebhook refuses everything after close, also if it is disabled", async () => {
  await using bench = new Bench(() => status(410));
  bench.take("alexander");
  await bench.closed();
  assertEquals([bench.webhook.take(HELLO), bench.webhook.size], [false, 0]);
});

Deno.test("MessageWebhook closes at once when it has nothing to deliver", async () => {
  await using bench = new Bench(() => status(200));
  assertEquals([await bench.closed(), bench.application.posted.size], [[], 0]);
});

Deno.test("MessageWebhook delivers after close what it has, also by retries", async () => {
  const answers = [503, 503, 503];
  await using bench = new Bench(() => status(answers.shift() ?? 200), { random: () => 0 });
  bench.take(...names(30));
  assertEquals(await bench.closed(), []);
  assertEquals(bench.application.posted.size, 33);
});

Deno.test("MessageWebhook stops in the middle of waiting for a retry", async () => {
  await using bench = new Bench(() => status(503, { "retry-after": "600" })); // a real timer, which may not leak
  bench.take("alexander");
  await bench.repeats.receive();
  bench.webhook.close();
  assertEquals((await bench.aborted()).map(({ undelivered }) => undelivered), [1]);
});

Deno.test("MessageWebhook stops in the middle of requests, and counts them with what is queued", async () => {
  await using bench = new Bench(() => null);
  bench.take(...names(20));
  for (let count = 0; count < 8; count++) await bench.application.posted.receive();
  assertEquals((await bench.aborted()).map(({ undelivered }) => undelivered), [20]);
  assertEquals([bench.webhook.size, bench.repeats.size, bench.webhook.take(HELLO)], [0, 0, false]);
});

Deno.test("MessageWebhook that is stopped before it runs only says what it has", async () => {
  await using application = new Application(() => status(200));
  const errors: unknown[] = [];
  const log = { debug() {}, error: (_: string, properties: unknown) => errors.push(properties) };
  const webhook = new MessageWebhook(application.endpoint, { capacity: 2, log });
  webhook.take(HELLO);
  webhook.abort();
  await webhook.run();
  assertEquals([errors, application.posted.size], [[{ undelivered: 1 }], 0]);
});
