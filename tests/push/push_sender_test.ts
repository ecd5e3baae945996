/** Tests PushSender against push services on loopback that answer anything, or nothing. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { generateVapidKeys } from "../../src/config/vapid.ts";
import type { PushContent } from "../../src/push/push_message.ts";
import {
  type OutgoingPush,
  type PushOutcome,
  PushSender,
  type PushSenderDeps,
} from "../../src/push/push_sender.ts";
import { endpointRule } from "../../src/push/push_services.ts";
import { type PushAnswer, PushService, type TestSubscription } from "./push_service.ts";

const VAPID = { ...generateVapidKeys(), subject: "mailto:push@example.com" };
const LATER: PushOutcome = { kind: "later", afterMs: null };
const CONTENT: PushContent = {
  id: "42",
  target: "alexander",
  topic: null,
  urgency: null,
  data: '{"title":"Your order"}',
  request: { after: 10, title: null, body: null, navigate: null },
  position: null,
};

function createSender(deps: Partial<PushSenderDeps> = {}): PushSender {
  const isAllowed = endpointRule({ origins: [], allowLoopback: true });
  return new PushSender({ vapid: VAPID, isAllowed, log: { debug() {} }, ...deps });
}

function toPush(keys: TestSubscription, content: Partial<PushContent> = {}, ttl = 3600): OutgoingPush {
  const subscription = { ...keys, id: "s1", target: "alexander", origin: "https://example.com" };
  return { content: { ...CONTENT, ...content }, subscription, ttl };
}

function send(
  push: OutgoingPush,
  { signal = new AbortController().signal, ...deps }: Partial<PushSenderDeps> & { signal?: AbortSignal } = {},
): Promise<PushOutcome> {
  return createSender(deps).send(push, signal);
}

/** Sends one push to an endpoint that answers like this. */
async function outcomeOf(...answers: readonly PushAnswer[]): Promise<PushOutcome> {
  await using service = new PushService();
  const outcome = await send(toPush(service.subscribe(...answers)));
  assertEquals(service.refusals, []);
  return outcome;
}

/** An endpoint on a listener of the test's own, where nothing speaks HTTP by itself. */
async function subscriptionAt({ addr }: Deno.Listener): Promise<TestSubscription> {
  await using service = new PushService(); // only for its keys
  const port = addr.transport === "tcp" ? addr.port : 0;
  return { ...service.subscribe(), endpoint: `http://127.0.0.1:${port}/hunter2` };
}

Deno.test("PushSender sends what the browser can decrypt, with VAPID and the headers of RFC 8030", async () => {
  await using service = new PushService();
  const push = toPush(service.subscribe(), { topic: "order-7", urgency: "high" }, 90.9);
  assertEquals(await send(push), { kind: "sent" });
  const { headers, payload, vapid, endpoint } = await service.pushes.receive();
  assertEquals(["ttl", "urgency", "topic", "content-encoding"].map((name) => headers.get(name)), [
    ...["90", "high", "order-7", "aes128gcm"],
  ]);
  assertEquals(headers.get("content-type"), "application/octet-stream");
  assertEquals([vapid.key, vapid.payload.sub, endpoint], [
    ...[VAPID.publicKey, VAPID.subject, push.subscription.endpoint],
  ]);
  const { notification } = JSON.parse(payload);
  assertEquals([notification.title, notification.tag], ["Your order", "order-7"]);
});

Deno.test("PushSender sends the tag of the payload as Topic, and no Urgency that was not asked for", async () => {
  await using service = new PushService();
  for (const topic of [null, "orders/7", "x".repeat(64)]) {
    assertEquals(await send(toPush(service.subscribe(), { topic }, 0)), { kind: "sent" });
    const { headers, payload } = await service.pushes.receive();
    assertEquals([headers.get("ttl"), headers.has("urgency")], ["0", false]);
    assertEquals(headers.get("topic"), JSON.parse(payload).notification.tag);
  }
});

Deno.test("PushSender sends at most a TTL of four weeks", async () => {
  await using service = new PushService();
  assertEquals(await send(toPush(service.subscribe(), {}, 1e9)), { kind: "sent" });
  assertEquals((await service.pushes.receive()).headers.get("ttl"), "2419200");
});

Deno.test("PushSender fills the 4,096 bytes that push services accept, and sends no more", async () => {
  await using service = new PushService();
  const sizes: number[] = [];
  for (let length = 3700; length < 3850; length += 9) {
    const data = JSON.stringify("€".repeat(length / 3));
    assertEquals(await send(toPush(service.subscribe(), { data })), { kind: "sent" });
    sizes.push((await service.pushes.receive()).bytes);
  }
  assert(
    Math.max(...sizes) > 4096 - 9 && Math.max(...sizes) <= 4096 && Math.min(...sizes) < 512,
    sizes.join(),
  );
});

Deno.test("PushSender encrypts each push with a key and a salt of its own", async () => {
  await using service = new PushService();
  const bodies: Uint8Array[] = [];
  const recording: typeof fetch = async (input, init) => {
    bodies.push(await new Response(init?.body).bytes());
    return await fetch(input, init);
  };
  const push = toPush(service.subscribe());
  for (let count = 0; count < 2; count++) await send(push, { fetch: recording });
  const [first, second] = bodies.map((body) =>
    [body.slice(0, 16), body.slice(21, 86)].map((part) => part.toHex())
  );
  assert(first !== undefined && second !== undefined && first.every((part, index) => part !== second[index]));
});

Deno.test("PushSender uses one token for a service, and another for another service", async () => {
  await using one = new PushService();
  await using other = new PushService();
  const sender = createSender();
  const tokens: string[] = [];
  for (const service of [one, one, other]) {
    await sender.send(toPush(service.subscribe()), new AbortController().signal);
    tokens.push((await service.pushes.receive()).vapid.jwt);
  }
  assertEquals([tokens[0] === tokens[1], tokens[1] === tokens[2]], [true, false]);
});

Deno.test("PushSender reports 404 and 410 as gone, and 429, 500 and 503 as later", async () => {
  for (const status of [404, 410]) assertEquals(await outcomeOf(status), { kind: "gone" });
  for (const status of [429, 500, 503]) assertEquals(await outcomeOf(status), LATER);
  const busy = () => new Response("busy", { status: 429, headers: { "retry-after": "120" } });
  assertEquals(await outcomeOf(busy), { kind: "later", afterMs: 120_000 });
});

Deno.test("PushSender reports 400, 401 and 403 as failed, with the service and without the endpoint", async () => {
  for (const status of [400, 401, 403]) {
    const outcome = await outcomeOf(status);
    assertMatch(
      outcome.kind === "failed" ? outcome.reason : "",
      RegExp(`^127\\.0\\.0\\.1:\\d+ answered ${status}$`),
    );
  }
});

Deno.test("PushSender sends what was too large once more, smaller", async () => {
  await using service = new PushService();
  const request = { after: 10, title: "Your order", body: "Shipped. ".repeat(300), navigate: "/orders/7" };
  const data = JSON.stringify({ lines: "x".repeat(500) });
  assertEquals(await send(toPush(service.subscribe(413, 201), { request, data })), { kind: "sent" });
  const [first, second] = [await service.pushes.receive(), await service.pushes.receive()];
  assertEquals(JSON.parse(first.payload).notification.data.data, { lines: "x".repeat(500) });
  const { notification } = JSON.parse(second.payload);
  assertEquals([notification.title, notification.data], ["Your order", { id: "42" }]);
  assert(second.payload.length <= 2048 && first.headers.get("topic") === second.headers.get("topic"));
});

Deno.test("PushSender fails if the smaller one is too large as well", async () => {
  await using service = new PushService();
  const outcome = await send(toPush(service.subscribe(413)));
  assertMatch(outcome.kind === "failed" ? outcome.reason : "", /answered 413$/);
  assertEquals(service.pushes.size, 2);
});

Deno.test("PushSender follows no redirect", async () => {
  await using service = new PushService();
  const outcome = await send(toPush(service.subscribe("redirect")));
  assertMatch(outcome.kind === "failed" ? outcome.reason : "", /answered 307$/);
  assertEquals(service.pushes.size, 1);
});

Deno.test("PushSender does not read a body of a gigabyte", async () => {
  await using service = new PushService();
  assertEquals(await send(toPush(service.subscribe("gigabyte"))), LATER);
  assert(service.sentOfGigabyte < 64 * 1024 ** 2, `${service.sentOfGigabyte}`); // what fits into buffers on the way
});

Deno.test("PushSender does not wait for the end of a body", async () => {
  const { promise: cancelled, resolve: cancel } = Promise.withResolvers<void>();
  const endless = () => new ReadableStream({ cancel: () => cancel() });
  assertEquals(await outcomeOf(() => new Response(endless(), { status: 201 })), { kind: "sent" });
  await cancelled;
});

Deno.test("PushSender waits almost ten seconds for an answer", async () => {
  using time = new FakeTime();
  await using service = new PushService();
  const sending = send(toPush(service.subscribe("late")));
  await service.pushes.receive();
  time.tick(9_999);
  service.answerLate();
  assertEquals(await sending, { kind: "sent" });
});

Deno.test("PushSender gives up after ten seconds without an answer, and frees the connection", async () => {
  using time = new FakeTime();
  await using service = new PushService();
  const logged: unknown[] = [];
  const log = { debug: (_: string, properties: Record<string, unknown>) => logged.push(properties.reason) };
  const sending = send(toPush(service.subscribe("never")), { log });
  await service.pushes.receive();
  time.tick(10_000);
  assertEquals(await sending, LATER);
  assertEquals(logged, ["no answer in 10000 ms"]);
});

Deno.test("PushSender has one time limit for both sendings of what was too large", async () => {
  using time = new FakeTime();
  await using service = new PushService();
  const { promise: answer, resolve: release } = Promise.withResolvers<Response>();
  const sending = send(toPush(service.subscribe(() => answer, "never")));
  await service.pushes.receive();
  time.tick(6_000);
  release(new Response(null, { status: 413 }));
  await service.pushes.receive();
  time.tick(4_000);
  assertEquals(await sending, LATER);
});

Deno.test("PushSender gives up on a service that sends its headers drop by drop", async () => {
  using time = new FakeTime();
  using listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const sending = send(toPush(await subscriptionAt(listener)));
  using tcp = await listener.accept();
  await tcp.read(new Uint8Array(65_536));
  for (const drop of "HTTP/1.1 201 Created\r\nx-drops: aaaa") {
    await tcp.write(new TextEncoder().encode(drop));
    await time.tickAsync(300);
  }
  assertEquals(await sending, LATER);
});

Deno.test("PushSender ends at once when the signal aborts", async () => {
  await using service = new PushService();
  const stop = new AbortController();
  const push = toPush(service.subscribe("never"));
  const sending = send(push, { signal: stop.signal });
  await service.pushes.receive();
  stop.abort(new Error("stopped"));
  assertEquals(await sending, LATER);
  assertEquals(await send(push, { signal: stop.signal }), LATER);
  assertEquals(service.pushes.size, 0);
});

Deno.test("PushSender reports later if nobody listens, and logs no endpoint", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const subscription = await subscriptionAt(listener);
  listener.close();
  const logged: string[] = [];
  const log = {
    debug: (text: string, properties: Record<string, unknown>) =>
      logged.push(text + JSON.stringify(properties)),
  };
  assertEquals(await send(toPush(subscription), { log }), LATER);
  assertMatch(logged.join(), /no answer from .*refused/);
  assert(!logged.join().includes("hunter2"));
});

Deno.test("PushSender reports later if the name of the service is not known", async () => {
  await using service = new PushService();
  const subscription = { ...service.subscribe(), endpoint: "https://push.invalid/hunter2" };
  const isAllowed = endpointRule({ origins: ["https://push.invalid"], allowLoopback: false });
  assertEquals(await send(toPush(subscription), { isAllowed }), LATER);
});

Deno.test("PushSender reports later if TLS fails", async () => {
  await using service = new PushService();
  const subscription = service.subscribe();
  const overTls = { ...subscription, endpoint: subscription.endpoint.replace("http:", "https:") };
  assertEquals(await send(toPush(overTls), { isAllowed: () => true }), LATER);
});

for (const text of ["", "nonsense\r\n\r\n", "HTTP/1.1 999999 x\r\n\r\n", "HTTP/1.1 201 Created\r\n"]) {
  Deno.test(`PushSender reports later if the service answers ${JSON.stringify(text)} and hangs up`, async () => {
    using listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
    const sending = send(toPush(await subscriptionAt(listener)));
    const tcp = await listener.accept();
    await tcp.read(new Uint8Array(65_536));
    await tcp.write(new TextEncoder().encode(text));
    tcp.close();
    assertEquals(await sending, LATER);
  });
}

Deno.test("PushSender fails without a request if the endpoint is not allowed, and names only its host", async () => {
  await using service = new PushService();
  const isAllowed = endpointRule({ origins: [], allowLoopback: false });
  const subscription = service.subscribe();
  const outcome = await send(toPush(subscription), { isAllowed });
  const host = new URL(service.origin).host;
  const reason = `${host} is not one of the push services that are allowed`;
  assertEquals(outcome, { kind: "failed", reason });
  assertEquals([service.pushes.size, service.refusals.length], [0, 0]);
  const unreadable = await send(toPush({ ...subscription, endpoint: "hunter2" }));
  assertEquals([unreadable.kind, JSON.stringify(unreadable).includes("hunter2")], ["failed", false]);
});

Deno.test("PushSender fails without a request if the keys of the subscription are not valid", async () => {
  await using service = new PushService();
  const subscription = service.subscribe();
  const noPoint = `B${"A".repeat(86)}`;
  for (
    const keys of [{ p256dh: noPoint }, { p256dh: "" }, { auth: "" }, { auth: `${subscription.auth}AA` }]
  ) {
    const outcome = await send(toPush({ ...subscription, ...keys }));
    assertMatch(
      outcome.kind === "failed" ? outcome.reason : "",
      /^the keys of a subscription at 127.*not valid$/,
    );
  }
  assertEquals(service.pushes.size, 0);
});

Deno.test("PushSender fails if the data is not JSON, with a reason that does not quote it", async () => {
  await using service = new PushService();
  const outcome = await send(toPush(service.subscribe(), { data: "secret" }));
  assertMatch(
    outcome.kind === "failed" ? outcome.reason : "",
    /^a push to 127\.0\.0\.1:\d+ could not be made: SyntaxError$/,
  );
});

Deno.test("PushSender reuses the TCP connection to a service", async () => {
  await using service = new PushService();
  for (const answer of [201, 410, 429, 201]) await send(toPush(service.subscribe(answer)));
  assertEquals(service.clientPorts.size, 1);
});

Deno.test("PushSender sends many pushes at once", async () => {
  await using service = new PushService();
  const sender = createSender();
  const answers = Array.from({ length: 64 }, (_, index) => index % 2 === 0 ? 201 : 410);
  const sendings = answers.map((answer) =>
    sender.send(toPush(service.subscribe(answer)), new AbortController().signal)
  );
  const kinds = (await Promise.all(sendings)).map(({ kind }) => kind);
  assertEquals(kinds, answers.map((answer) => answer === 201 ? "sent" : "gone"));
  assertEquals([service.pushes.size, service.refusals], [64, []]);
});
