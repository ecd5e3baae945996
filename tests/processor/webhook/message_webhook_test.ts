/** Tests MessageWebhook: it delivers every message or logs it, and it stops when it is told to. */

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

/** A running webhook, its log, and the application that it posts to. */
class RunningWebhook implements AsyncDisposable {
  readonly application: Application;
  readonly webhook: MessageWebhook;
  /** The log entries of failures that will be retried. */
  readonly retries = new ReceivingChannel<Logged>(10_000);
  readonly errors = new ReceivingChannel<Logged>(10_000);
  /** What was counted for the metrics. */
  readonly counted = { delivered: 0, failed: 0, gone: 0, lost: 0 };
  readonly #running: Promise<void>;

  constructor(answer: Answer, deps: Partial<MessageWebhookDeps> = {}) {
    this.application = new Application(answer);
    const log = {
      debug: (message: string, properties: object) => void this.retries.trySend({ message, ...properties }),
      error: (message: string, properties: object) => void this.errors.trySend({ message, ...properties }),
    };
    this.webhook = new MessageWebhook(this.application.endpoint, {
      backlog: { capacity: 100, share: 100 },
      log,
      metrics: {
        webhookAttempted: (outcome) => void this.counted[outcome]++,
        webhookLost: (messages) => void (this.counted.lost += messages),
      },
      ...deps,
    });
    this.#running = this.webhook.run();
  }

  /** Enqueues a message from each target, and asserts that there is room. */
  enqueue(...targets: string[]): void {
    for (const target of targets) assert(this.webhook.enqueue({ ...HELLO, target }), target);
  }

  /** Waits until so few messages are undelivered. It uses no timer, because tests replace timers by a FakeTime. */
  async hasAtMost(size: number): Promise<void> {
    while (this.webhook.size > size) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Resolves with the logged errors when everything is settled. */
  async close(): Promise<Logged[]> {
    this.webhook.close();
    await this.#running;
    return this.errors.drain();
  }

  /** Resolves with the logged errors when the webhook has stopped, even with undelivered messages. */
  async abort(): Promise<Logged[]> {
    this.webhook.abort();
    await this.#running;
    return this.errors.drain();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.abort();
    await this.application[Symbol.asyncDispose]();
  }
}

function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `target-${index}`);
}

Deno.test("MessageWebhook posts a message with its sender and its time", async () => {
  using _ = new FakeTime("2026-01-01T00:00:00.123Z");
  await using running = new RunningWebhook(() => status(204));
  assertEquals(running.webhook.enqueue(HELLO), true);
  const { payload, headers } = await running.application.posted.receive();
  assertEquals(payload, { type: "message.received", timestamp: "2026-01-01T00:00:00.123Z", data: HELLO });
  assertMatch(headers.get("webhook-id") ?? "", /^msg_[0-9a-f-]{36}$/);
  assertEquals(await running.close(), []);
});

Deno.test("MessageWebhook accepts any JSON as data, at any depth", async () => {
  let deep: unknown = null;
  for (let depth = 0; depth < 32_000; depth++) deep = [deep];
  await using running = new RunningWebhook(() => status(204));
  const values = [null, false, 0, "", [], {}, "\u2028\ud800 🎩", deep];
  for (const data of values) assert(running.webhook.enqueue({ ...HELLO, data }));
  assertEquals(await running.close(), []);
  const bodies = running.application.posted.drain().map(({ body }) => body.slice(body.indexOf('"data":{')));
  const expected = values.map((data) => `"data":${JSON.stringify({ ...HELLO, data })}}`);
  assertEquals(bodies.toSorted(), expected.toSorted());
});

Deno.test("MessageWebhook retries with growing delays, the same id, and a new signature", async () => {
  using time = new FakeTime("2026-01-01T00:00:00Z");
  const answers = [500, 404, 302, 200];
  await using running = new RunningWebhook(() => status(answers.shift() ?? 500), { random: () => 1 });
  running.enqueue("alexander");
  const first = await running.application.posted.receive();
  for (const [index, waitMs] of [500, 1_000, 2_000].entries()) {
    const { failures, waitMs: logged } = await running.retries.receive();
    assertEquals([failures, logged], [index + 1, waitMs]);
    time.tick(waitMs - 1);
    assertEquals(running.application.posted.size, 0);
    time.tick(1);
    const { body, headers } = await running.application.posted.receive();
    assertEquals([body, headers.get("webhook-id")], [first.body, first.headers.get("webhook-id")]);
    assertEquals(headers.get("webhook-timestamp"), String(Math.floor(time.now / 1000)));
  }
  assertEquals(await running.close(), []);
  assertEquals(running.application.posted.size, 0);
});

Deno.test("MessageWebhook gives up after ten attempts, and logs the message without its data", async () => {
  await using running = new RunningWebhook(() => status(503), { random: () => 0 });
  running.enqueue("alexander");
  const [gaveUp, ...more] = await running.close();
  const posted = running.application.posted.drain();
  const ids = new Set(posted.map(({ headers }) => headers.get("webhook-id")));
  assertEquals([posted.length, ids.size, more], [10, 1, []]);
  assertEquals(gaveUp, {
    message: "gave up {id} for {target}: {reason}",
    id: [...ids][0],
    target: "alexander",
    reason: "the webhook answered 503",
    failures: 10,
  });
  assertEquals(running.counted, { delivered: 0, failed: 10, gone: 0, lost: 1 });
  assert(!JSON.stringify([gaveUp, running.retries.drain()]).includes("Hello"));
});

Deno.test("MessageWebhook waits at least as long as Retry-After, up to ten minutes", async () => {
  using time = new FakeTime("2026-01-01T00:00:00Z");
  const retryAfter = ["120", "Thu, 01 Jan 2026 00:05:00 GMT", "86400"];
  const answer = () =>
    retryAfter.length > 0 ? status(503, { "retry-after": retryAfter.shift() ?? "" }) : status(200);
  await using running = new RunningWebhook(answer, { random: () => 0 });
  running.enqueue("alexander");
  for (const waitMs of [120_000, 180_000, 600_000]) {
    assertEquals((await running.retries.receive()).waitMs, waitMs);
    time.tick(waitMs);
  }
  assertEquals(await running.close(), []);
});

Deno.test("MessageWebhook retries after a timeout, and after a failed connection", async () => {
  using time = new FakeTime();
  let calls = 0;
  const flaky: typeof fetch = (input, init) =>
    ++calls === 1 ? Promise.reject(new TypeError("fetch failed")) : fetch(input, init);
  const answer = () => calls === 2 ? null : status(200);
  await using running = new RunningWebhook(answer, { random: () => 1, fetch: flaky });
  running.enqueue("alexander");
  assertEquals((await running.retries.receive()).reason, "fetch failed");
  time.tick(500);
  await running.application.posted.receive();
  time.tick(15_000);
  assertEquals((await running.retries.receive()).reason, "no answer in 15 seconds");
  time.tick(1_000);
  assertEquals(await running.close(), []);
});

Deno.test("MessageWebhook has at most eight requests in flight, and delivers everything in spite of failures", async () => {
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
  await using running = new RunningWebhook(answer, { random: () => 0 });
  running.enqueue(...names(100));
  assertEquals(running.webhook.size, 100);
  assertEquals(await running.close(), []);
  assertEquals(delivered.toSorted(), names(100).toSorted());
  assertEquals([max, running.webhook.size], [8, 0]);
});

Deno.test("MessageWebhook delivers another target's message before a flood of one target, whose share is bounded", async () => {
  const release = Promise.withResolvers<void>();
  await using running = new RunningWebhook(async () => {
    await release.promise;
    return status(200);
  }, { backlog: { capacity: 100, share: 50 } });
  const accepted = Array.from({ length: 60 }, () => running.webhook.enqueue({ ...HELLO, target: "burr" }));
  assertEquals(accepted.filter(Boolean).length, 50);
  assert(!running.webhook.hasRoomFor("burr", 1) && running.webhook.hasRoomFor("alexander", 50));
  running.enqueue("alexander");
  release.resolve();
  await running.hasAtMost(0);
  const targets = running.application.posted.drain().map(({ body }) => JSON.parse(body).data.target);
  assertEquals(targets.indexOf("alexander") < 8 + 2, true, `after ${targets.indexOf("alexander")} others`);
});

Deno.test("MessageWebhook refuses messages without room: those in flight and those waiting for a retry count", async () => {
  using time = new FakeTime();
  const answers = [503, 200];
  await using running = new RunningWebhook(() => status(answers.shift() ?? 200), {
    backlog: { capacity: 1, share: 1 },
    random: () => 1,
  });
  running.enqueue("alexander");
  assertEquals([running.webhook.enqueue(HELLO), running.webhook.size], [false, 1]);
  await running.retries.receive();
  assertEquals(running.webhook.enqueue(HELLO), false);
  time.tick(500);
  await running.hasAtMost(0);
  running.enqueue("aaron");
  assertEquals(await running.close(), []);
  const payloads = running.application.posted.drain().map(({ payload }) => payload);
  assertEquals(payloads.length, 3);
  assertEquals(payloads[0], payloads[1]);
  assertNotEquals(payloads[1], payloads[2]);
});

Deno.test("MessageWebhook delivers messages while others wait for a retry", async () => {
  using _ = new FakeTime();
  const answer: Answer = ({ body }) =>
    body.includes("aaron") ? status(200) : status(429, { "retry-after": "600" });
  await using running = new RunningWebhook(answer);
  running.enqueue(...names(20));
  for (let count = 0; count < 20; count++) await running.retries.receive();
  running.enqueue("aaron");
  await running.hasAtMost(20);
  assertEquals(await running.abort(), [
    { message: "stopped before {undelivered} messages were delivered", undelivered: 20 },
  ]);
});

Deno.test("MessageWebhook is disabled by a 410: it drops and counts all current and later messages", async () => {
  using _ = new FakeTime();
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  async function answer({ body }: { body: string }): Promise<Response> {
    if (body.includes("retry")) return status(503);
    await released;
    if (body.includes("target-0")) return status(410);
    await gone; // for the seven others in flight
    return body.includes("target-1") ? status(200) : body.includes("target-2") ? status(410) : status(500);
  }
  await using running = new RunningWebhook(answer);
  const gone = running.errors.receive();
  running.enqueue("retry");
  await running.retries.receive();
  running.enqueue(...names(10)); // eight are in flight and two are queued
  for (let count = 0; count < 9; count++) await running.application.posted.receive();
  release();
  assertEquals(await gone, { message: "the webhook answered 410: messages are dropped from now on" });
  assertEquals(running.webhook.size, 7); // the other requests in flight; queued and waiting messages were dropped
  running.enqueue("later", "and later");
  assertEquals(await running.close(), [
    { message: "dropped {dropped} messages: the webhook answered 410", dropped: 12 }, // all but target-1
  ]);
  assertEquals([running.application.posted.size, running.webhook.size], [0, 0]);
  assertEquals(running.counted, { delivered: 1, failed: 6, gone: 2, lost: 12 });
});

Deno.test("MessageWebhook refuses messages after close, even if it is disabled", async () => {
  await using running = new RunningWebhook(() => status(410));
  running.enqueue("alexander");
  await running.close();
  assertEquals([running.webhook.enqueue(HELLO), running.webhook.size], [false, 0]);
});

Deno.test("MessageWebhook closes at once without messages", async () => {
  await using running = new RunningWebhook(() => status(200));
  assertEquals([await running.close(), running.application.posted.size], [[], 0]);
});

Deno.test("MessageWebhook delivers its messages after close, with retries", async () => {
  const answers = [503, 503, 503];
  await using running = new RunningWebhook(() => status(answers.shift() ?? 200), { random: () => 0 });
  running.enqueue(...names(30));
  assertEquals(await running.close(), []);
  assertEquals(running.application.posted.size, 33);
});

Deno.test("MessageWebhook.abort ends the wait for a retry", async () => {
  // The timer is real, so the test fails if the webhook leaks it.
  await using running = new RunningWebhook(() => status(503, { "retry-after": "600" }));
  running.enqueue("alexander");
  await running.retries.receive();
  running.webhook.close();
  assertEquals((await running.abort()).map(({ undelivered }) => undelivered), [1]);
});

Deno.test("MessageWebhook.abort ends requests in flight, and counts them with the queued messages", async () => {
  await using running = new RunningWebhook(() => null);
  running.enqueue(...names(20));
  for (let count = 0; count < 8; count++) await running.application.posted.receive();
  assertEquals((await running.abort()).map(({ undelivered }) => undelivered), [20]);
  assertEquals([running.webhook.size, running.retries.size, running.webhook.enqueue(HELLO)], [0, 0, false]);
});

Deno.test("MessageWebhook that is aborted before it runs only logs its messages", async () => {
  await using application = new Application(() => status(200));
  const errors: unknown[] = [];
  const log = { debug() {}, error: (_: string, properties: unknown) => errors.push(properties) };
  const metrics = { webhookAttempted() {}, webhookLost() {} };
  const backlog = { capacity: 2, share: 2 };
  const webhook = new MessageWebhook(application.endpoint, { backlog, log, metrics });
  webhook.enqueue(HELLO);
  webhook.abort();
  await webhook.run();
  assertEquals([errors, application.posted.size], [[{ undelivered: 1 }], 0]);
});

Deno.test("MessageWebhook sends the trace context of a message with each attempt, and none without", async () => {
  const answers = [500, 204, 204];
  await using running = new RunningWebhook(() => status(answers.shift() ?? 204), { random: () => 0 });
  const trace = {
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    tracestate: "vendor=1",
  };
  const next = async () => {
    const { headers } = await running.application.posted.receive();
    return [headers.get("traceparent"), headers.get("tracestate")];
  };
  running.webhook.enqueue({ ...HELLO, trace });
  assertEquals(await next(), Object.values(trace));
  assertEquals(await next(), Object.values(trace));
  running.enqueue("burr");
  assertEquals(await next(), [null, null]);
});
