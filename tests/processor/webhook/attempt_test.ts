/** attemptTo: one POST to a real server, whatever it answers, and whether it answers at all. */

import { assertEquals, assertMatch } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { attemptTo, type Endpoint, type Outcome } from "../../../src/processor/webhook/attempt.ts";
import { type Answer, Application, status } from "./application.ts";

const ENVELOPE = { id: "msg_1", body: '{"data":"Hello"}' };

function attempt(endpoint: Endpoint, signal = new AbortController().signal): Promise<Outcome> {
  return attemptTo(endpoint, { fetch, now: () => Date.now() })(ENVELOPE, signal);
}

async function outcomeOf(answer: Answer): Promise<Outcome> {
  await using application = new Application(answer);
  return await attempt(application.endpoint);
}

/** Fails if nothing of it was a failure, or if its reason has the URL or the body in it. */
function reasonOf(outcome: Outcome): string {
  const reason = outcome.is === "failed" ? outcome.reason : "";
  assertEquals([outcome.is, /hunter2|Hello/.test(reason)], ["failed", false], reason);
  return reason;
}

Deno.test("attemptTo posts the body as JSON, signed", async () => {
  await using application = new Application(() => status(204));
  assertEquals(await attempt(application.endpoint), { is: "delivered" });
  const { method, headers, body } = await application.posted.receive();
  assertEquals([method, body], ["POST", ENVELOPE.body]);
  assertEquals([headers.get("content-type"), headers.get("webhook-id")], ["application/json", "msg_1"]);
});

for (const code of [200, 201, 202, 204, 299]) {
  Deno.test(`attemptTo takes ${code} for a delivery`, async () => {
    assertEquals(await outcomeOf(() => status(code)), { is: "delivered" });
  });
}

for (const code of [300, 304, 400, 401, 404, 409, 429, 500, 503, 599]) {
  Deno.test(`attemptTo takes ${code} for a failure`, async () => {
    const reason = `the webhook answered ${code}`;
    assertEquals(await outcomeOf(() => status(code)), { is: "failed", reason, retryAfterMs: 0 });
  });
}

Deno.test("attemptTo takes 410 for the end", async () => {
  assertEquals(await outcomeOf(() => status(410, { "retry-after": "1" })), { is: "gone" });
});

Deno.test("attemptTo says after what time the application wants to be asked again", async () => {
  using _ = new FakeTime("2026-01-01T00:00:00Z");
  for (const header of ["30", "Thu, 01 Jan 2026 00:00:30 GMT"]) {
    const reason = "the webhook answered 503";
    const outcome = await outcomeOf(() => status(503, { "retry-after": header }));
    assertEquals(outcome, { is: "failed", reason, retryAfterMs: 30_000 });
  }
});

for (const code of [301, 302, 303, 307, 308]) {
  Deno.test(`attemptTo does not follow a redirect: ${code} is a failure`, async () => {
    await using application = new Application(() => status(code, { location: "/elsewhere" }));
    assertEquals(reasonOf(await attempt(application.endpoint)), `the webhook answered ${code}`);
    assertEquals(application.posted.size, 1);
  });
}

Deno.test("attemptTo does not wait for the end of an answer's body, and lets go of it", async () => {
  const { promise: letGo, resolve: cancel } = Promise.withResolvers<void>();
  const chunk = new Uint8Array(65_536);
  const endless = () =>
    new ReadableStream({ pull: (controller) => controller.enqueue(chunk), cancel: () => cancel() });
  assertEquals(await outcomeOf(() => new Response(endless())), { is: "delivered" });
  await letGo;
});

Deno.test("attemptTo keeps the line for the next, if the answers are short", async () => {
  const ports = new Set<number>();
  const handler = (_: Request, { remoteAddr }: Deno.ServeHandlerInfo<Deno.NetAddr>) => {
    ports.add(remoteAddr.port);
    return new Response("OK");
  };
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);
  const endpoint = { url: `http://127.0.0.1:${server.addr.port}/`, secret: new Uint8Array(24) };
  for (let count = 0; count < 5; count++) assertEquals(await attempt(endpoint), { is: "delivered" });
  await server.shutdown();
  assertEquals(ports.size, 1);
});

Deno.test("attemptTo waits 15 seconds for an answer, and no longer", async () => {
  using time = new FakeTime();
  const { promise: answer, resolve: release } = Promise.withResolvers<Response>();
  await using application = new Application(() => answer);
  const slow = attempt(application.endpoint);
  await application.posted.receive();
  time.tick(14_999);
  release(status(200));
  assertEquals(await slow, { is: "delivered" });
});

Deno.test("attemptTo gives up a server that does not answer within 15 seconds", async () => {
  using time = new FakeTime();
  await using application = new Application(() => null);
  const attempting = attempt(application.endpoint);
  await application.posted.receive();
  time.tick(15_000);
  assertEquals(reasonOf(await attempting), "no answer in 15 seconds");
});

Deno.test("attemptTo cuts the line to a server that accepts it and says nothing at all", async () => {
  using time = new FakeTime();
  using listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const attempting = attempt(endpointAt(listener));
  using line = await listener.accept();
  time.tick(15_000);
  assertEquals(reasonOf(await attempting), "no answer in 15 seconds");
  for await (const _ of line.readable);
});

Deno.test("attemptTo ends at once when it is told to", async () => {
  await using application = new Application(() => null);
  const stop = new AbortController();
  const attempting = attempt(application.endpoint, stop.signal);
  await application.posted.receive();
  stop.abort(new Error("stopped"));
  assertEquals(reasonOf(await attempting), "stopped");
  assertEquals(reasonOf(await attempt(application.endpoint, stop.signal)), "stopped");
});

Deno.test("attemptTo fails where nobody listens, and says why without the URL", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const endpoint = endpointAt(listener);
  listener.close();
  assertMatch(reasonOf(await attempt(endpoint)), /the webhook.*refused/);
});

Deno.test("attemptTo fails where the line is cut instead of an answer", async () => {
  using listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const attempting = attempt(endpointAt(listener));
  const line = await listener.accept();
  await line.read(new Uint8Array(65_536));
  line.close();
  reasonOf(await attempting);
});

Deno.test("attemptTo fails where TLS does", async () => {
  await using application = new Application(() => status(200));
  const { url, secret } = application.endpoint;
  reasonOf(await attempt({ url: url.replace("http:", "https:"), secret }));
  assertEquals(application.posted.size, 0);
});

function endpointAt({ addr }: Deno.Listener): Endpoint {
  const port = addr.transport === "tcp" ? addr.port : 0;
  return { url: `http://127.0.0.1:${port}/?token=hunter2`, secret: new Uint8Array(24) };
}
