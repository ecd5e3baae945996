/** Tests createAttempt: one POST to a real server that answers anything, or nothing. */

import { assertEquals, assertMatch } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { createAttempt, type Endpoint, type Outcome } from "../../../src/processor/webhook/attempt.ts";
import { type Answer, Application, status } from "./application.ts";

const ENVELOPE = { id: "msg_1", body: '{"data":"Hello"}' };

function attempt(endpoint: Endpoint, signal = new AbortController().signal): Promise<Outcome> {
  return createAttempt(endpoint, { fetch, now: () => Date.now() })(ENVELOPE, signal);
}

async function outcomeOf(answer: Answer): Promise<Outcome> {
  await using application = new Application(answer);
  return await attempt(application.endpoint);
}

/** Asserts that the outcome is a failure whose reason contains neither the URL nor the body. */
function reasonOf(outcome: Outcome): string {
  const reason = outcome.kind === "failed" ? outcome.reason : "";
  assertEquals([outcome.kind, /hunter2|Hello/.test(reason)], ["failed", false], reason);
  return reason;
}

Deno.test("createAttempt posts the body as signed JSON", async () => {
  await using application = new Application(() => status(204));
  assertEquals(await attempt(application.endpoint), { kind: "delivered" });
  const { method, headers, body } = await application.posted.receive();
  assertEquals([method, body], ["POST", ENVELOPE.body]);
  assertEquals([headers.get("content-type"), headers.get("webhook-id")], ["application/json", "msg_1"]);
});

for (const code of [200, 201, 202, 204, 299]) {
  Deno.test(`createAttempt treats ${code} as delivered`, async () => {
    assertEquals(await outcomeOf(() => status(code)), { kind: "delivered" });
  });
}

for (const code of [300, 304, 400, 401, 404, 409, 429, 500, 503, 599]) {
  Deno.test(`createAttempt treats ${code} as a failure`, async () => {
    const reason = `the webhook answered ${code}`;
    assertEquals(await outcomeOf(() => status(code)), { kind: "failed", reason, retryAfterMs: 0 });
  });
}

Deno.test("createAttempt treats 410 as the end of all deliveries", async () => {
  assertEquals(await outcomeOf(() => status(410, { "retry-after": "1" })), { kind: "gone" });
});

Deno.test("createAttempt returns the time of a Retry-After header", async () => {
  using _ = new FakeTime("2026-01-01T00:00:00Z");
  for (const header of ["30", "Thu, 01 Jan 2026 00:00:30 GMT"]) {
    const reason = "the webhook answered 503";
    const outcome = await outcomeOf(() => status(503, { "retry-after": header }));
    assertEquals(outcome, { kind: "failed", reason, retryAfterMs: 30_000 });
  }
});

for (const code of [301, 302, 303, 307, 308]) {
  Deno.test(`createAttempt does not follow a redirect: ${code} is a failure`, async () => {
    await using application = new Application(() => status(code, { location: "/elsewhere" }));
    assertEquals(reasonOf(await attempt(application.endpoint)), `the webhook answered ${code}`);
    assertEquals(application.posted.size, 1);
  });
}

Deno.test("createAttempt cancels the body of an answer and does not wait for its end", async () => {
  const { promise: cancelled, resolve: cancel } = Promise.withResolvers<void>();
  const chunk = new Uint8Array(65_536);
  const endless = () =>
    new ReadableStream({ pull: (controller) => controller.enqueue(chunk), cancel: () => cancel() });
  assertEquals(await outcomeOf(() => new Response(endless())), { kind: "delivered" });
  await cancelled;
});

Deno.test("createAttempt reuses the TCP connection if answers are short", async () => {
  const ports = new Set<number>();
  const handler = (_: Request, { remoteAddr }: Deno.ServeHandlerInfo<Deno.NetAddr>) => {
    ports.add(remoteAddr.port);
    return new Response("OK");
  };
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);
  const endpoint = { url: `http://127.0.0.1:${server.addr.port}/`, secrets: [new Uint8Array(24)] };
  for (let count = 0; count < 5; count++) assertEquals(await attempt(endpoint), { kind: "delivered" });
  await server.shutdown();
  assertEquals(ports.size, 1);
});

Deno.test("createAttempt accepts an answer after almost 15 seconds", async () => {
  using time = new FakeTime();
  const { promise: answer, resolve: release } = Promise.withResolvers<Response>();
  await using application = new Application(() => answer);
  const slow = attempt(application.endpoint);
  await application.posted.receive();
  time.tick(14_999);
  release(status(200));
  assertEquals(await slow, { kind: "delivered" });
});

Deno.test("createAttempt fails if the server does not answer within 15 seconds", async () => {
  using time = new FakeTime();
  await using application = new Application(() => null);
  const attempting = attempt(application.endpoint);
  await application.posted.receive();
  time.tick(15_000);
  assertEquals(reasonOf(await attempting), "no answer in 15 seconds");
});

Deno.test("createAttempt closes the TCP connection if the server accepts it and sends nothing", async () => {
  using time = new FakeTime();
  using listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const attempting = attempt(endpointAt(listener));
  using tcp = await listener.accept();
  time.tick(15_000);
  assertEquals(reasonOf(await attempting), "no answer in 15 seconds");
  for await (const _ of tcp.readable);
});

Deno.test("createAttempt fails at once when the signal aborts", async () => {
  await using application = new Application(() => null);
  const stop = new AbortController();
  const attempting = attempt(application.endpoint, stop.signal);
  await application.posted.receive();
  stop.abort(new Error("stopped"));
  assertEquals(reasonOf(await attempting), "stopped");
  assertEquals(reasonOf(await attempt(application.endpoint, stop.signal)), "stopped");
});

Deno.test("createAttempt fails if nobody listens, with a reason without the URL", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const endpoint = endpointAt(listener);
  listener.close();
  assertMatch(reasonOf(await attempt(endpoint)), /the webhook.*refused/);
});

Deno.test("createAttempt fails if the server closes the TCP connection without an answer", async () => {
  using listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const attempting = attempt(endpointAt(listener));
  const tcp = await listener.accept();
  await tcp.read(new Uint8Array(65_536));
  tcp.close();
  reasonOf(await attempting);
});

Deno.test("createAttempt fails if TLS fails", async () => {
  await using application = new Application(() => status(200));
  const { url, secrets } = application.endpoint;
  reasonOf(await attempt({ url: url.replace("http:", "https:"), secrets }));
  assertEquals(application.posted.size, 0);
});

function endpointAt({ addr }: Deno.Listener): Endpoint {
  const port = addr.transport === "tcp" ? addr.port : 0;
  return { url: `http://127.0.0.1:${port}/?token=hunter2`, secrets: [new Uint8Array(24)] };
}
