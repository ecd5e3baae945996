/** Reconnector: its tokens, its back-off, and when it stops. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { connect } from "../../src/client/client.ts";
import { CLOSE } from "../../src/wire/close_codes.ts";
import { Problem, unavailable } from "../../src/wire/problem.ts";
import { blockWebSockets, countedTokens, refusal, refuseWith } from "./fake_answers.ts";
import { type FakeRequest, FakeService } from "./fake_service.ts";
import { RecordedEvents } from "./recorded_events.ts";

Deno.test("Reconnector uses the same token as long as the server accepts it", async () => {
  await using service = new FakeService(({ accept }) => accept());
  const { token, count } = countedTokens();
  await using tidings = connect(service.url, { token });
  const events = new RecordedEvents(tidings);
  await events.waitFor("open");
  service.connection.close(CLOSE.stuck.code);
  await events.waitFor("open", 2);
  assertEquals(service.requests.map(({ token }) => token), ["token-1", "token-1"]);
  assertEquals(count(), 1);
});

Deno.test("Reconnector reconnects at once with a fresh token when the token has expired", async () => {
  await using service = new FakeService(({ accept }) => accept());
  await using tidings = connect(service.url, { token: countedTokens().token });
  const events = new RecordedEvents(tidings);
  await events.waitFor("open");
  service.connection.close(CLOSE.tokenExpired.code);
  await events.waitFor("open", 2);
  assertEquals(service.requests.map(({ token, after }) => [token, after]), [["token-1", null], [
    "token-2",
    "p0",
  ]]);
});

for (const { code } of [CLOSE.tokenRevoked, CLOSE.tokenExpired]) {
  Deno.test(`Reconnector never uses a token again after ${code}, and is refused without another one`, async () => {
    await using service = new FakeService(({ accept }, index) =>
      index === 0 ? accept() : refusal(new Problem("revoked", "the token was revoked"))
    );
    await using tidings = connect(service.url, { token: countedTokens().token });
    const events = new RecordedEvents(tidings);
    await events.waitFor("open");
    service.connection.close(code);
    await events.waitFor("waiting", 2);
    assertEquals(service.requests.map(({ token }) => token).slice(0, 2), ["token-1", "token-2"]);
  });

  Deno.test(`Reconnector that has no function for tokens comes back once after ${code}, to learn why`, async () => {
    await using service = new FakeService(({ accept }, index) =>
      index === 0 ? accept() : refusal(new Problem("revoked", "the token was revoked"))
    );
    await using tidings = connect(service.url);
    const events = new RecordedEvents(tidings);
    await events.waitFor("open");
    service.connection.close(code);
    await events.waitFor("error final");
    assertStringIncludes(tidings.status.reason, "401");
  });
}

Deno.test("Reconnector closes for good when it has nothing but null after 4001", async () => {
  await using service = new FakeService(({ accept }) => accept());
  const answers = ["token-1", null];
  await using tidings = connect(service.url, { token: () => answers.shift() ?? null });
  const events = new RecordedEvents(tidings);
  await events.waitFor("open");
  service.connection.close(CLOSE.tokenRevoked.code);
  await events.waitFor("error final");
  assertEquals(service.requests.map(({ token }) => token), ["token-1"]);
});

Deno.test("Reconnector asks why an upgrade was refused, and gets a fresh token after 401", async () => {
  const isStale = ({ token }: FakeRequest) => token === "token-1";
  await using service = new FakeService((request) =>
    isStale(request) ? refusal(new Problem("not-authorized", "it has expired")) : request.accept()
  );
  await using tidings = connect(service.url, { token: countedTokens().token });
  await new RecordedEvents(tidings).waitFor("open");
  assertEquals(service.requests.map(({ isUpgrade, token }) => [isUpgrade, token]), [
    [true, "token-1"],
    [false, "token-1"],
    [true, "token-2"],
  ]);
});

Deno.test("Reconnector backs off when the fresh token is refused too", async () => {
  await using service = new FakeService(refuseWith(new Problem("not-authorized", "no")));
  await using tidings = connect(service.url, { token: countedTokens().token });
  const events = new RecordedEvents(tidings);
  await events.waitFor("waiting", 2);
  assert(tidings.status.retryInMs < 1_000);
  assertStringIncludes(tidings.status.reason, "401");
  assertEquals(service.requests.map(({ token }) => token), ["token-1", "token-1", "token-2", "token-2"]);
});

for (const kind of ["bad-request", "origin-not-allowed"] as const) {
  Deno.test(`Reconnector closes for good with a final error when it is refused with ${kind}`, async () => {
    await using service = new FakeService(refuseWith(new Problem(kind, "never")));
    await using tidings = connect(service.url, { target: "alexander" });
    const events = new RecordedEvents(tidings);
    const loop = tidings.notifications();
    const failed = loop.next().then(() => null, (error) => error);
    await events.waitFor("error final");
    assertEquals(events.all, ["closed", "error final"]);
    const { name, final, status, message } = await failed;
    assertEquals([name, final, status], ["TidingsError", true, new Problem(kind, "").status]);
    assertStringIncludes(message, "never");
    assertEquals((await tidings.notifications().next()).done, true);
  });
}

Deno.test("Reconnector closes for good after 401 without the option `token`", async () => {
  await using service = new FakeService(refuseWith(new Problem("not-authorized", "a token is needed")));
  await using tidings = connect(service.url);
  await new RecordedEvents(tidings).waitFor("error final");
});

for (const kind of ["too-many-connections", "unavailable"] as const) {
  Deno.test(`Reconnector adds its back-off to Retry-After when it is refused with ${kind}`, async () => {
    const headers = { "retry-after": "7" };
    await using service = new FakeService(refuseWith(new Problem(kind, "not now", { headers })));
    await using tidings = connect(service.url, { target: "alexander" });
    const events = new RecordedEvents(tidings);
    await events.waitFor("waiting");
    assert(tidings.status.retryInMs >= 7_000 && tidings.status.retryInMs < 7_500);
    assertStringIncludes(tidings.status.reason, "not now");
  });
}

for (const status of [400, 401, 403, 404]) {
  for (const route of ["connect", "events"]) {
    Deno.test(`Reconnector comes back after a gateway has refused ${route} with ${status}`, async () => {
      let isBlocked = true;
      await using service = new FakeService((request) => {
        if (isBlocked && request.route === route) return new Response("<h1>Blocked</h1>", { status });
        return route === "events" ? blockWebSockets(request) : request.accept();
      });
      await using tidings = connect(service.url, { target: "alexander" });
      const events = new RecordedEvents(tidings);
      await events.waitFor("waiting");
      assertEquals(tidings.status.reason, `${status}`);
      isBlocked = false;
      dispatchEvent(new Event("online"));
      await events.waitFor("open");
    });
  }
}

Deno.test("Reconnector says what to look at when it has never read an answer, once", async () => {
  const { random } = Math;
  Math.random = () => 0; // no back-off
  try {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    listener.close();
    await using tidings = connect(`http://127.0.0.1:${listener.addr.port}`, { target: "alexander" });
    const events = new RecordedEvents(tidings);
    let message = "";
    tidings.addEventListener("error", ({ detail }) => message = detail.message);
    await events.waitFor("waiting", 6);
    assertEquals(events.all.filter((one) => one === "error").length, 1);
    for (const hint of ["TIDINGS_ALLOWED_ORIGINS", "CORS", "CSP"]) assertStringIncludes(message, hint);
    assertEquals(
      events.all.indexOf("error"),
      events.all.indexOf("waiting") + 4,
      "not for a short interruption",
    );
  } finally {
    Math.random = random;
  }
});

Deno.test("Reconnector takes an outage after it has been open for no error", async () => {
  const { random } = Math;
  Math.random = () => 0;
  try {
    const service = new FakeService(({ accept }) => accept());
    await using tidings = connect(service.url, { target: "alexander" });
    const events = new RecordedEvents(tidings);
    await events.waitFor("open");
    await service[Symbol.asyncDispose]();
    await events.waitFor("waiting", 6);
    assertEquals(events.all.filter((one) => one.startsWith("error")), []);
  } finally {
    Math.random = random;
  }
});

Deno.test("Reconnector waits for a token, and retries when getting one has failed", async () => {
  await using service = new FakeService(({ accept }) => accept());
  let calls = 0;
  await using tidings = connect(service.url, {
    token() {
      if (++calls === 1) throw new Error("the backend is away");
      return "token";
    },
  });
  const events = new RecordedEvents(tidings);
  await events.waitFor("waiting");
  assertEquals(tidings.status.reason, "the backend is away");
  dispatchEvent(new Event("online"));
  await events.waitFor("open");
  assertEquals(service.requests.map(({ token }) => token), ["token"]);
});

Deno.test("Reconnector ends its wait when the network returns, and replaces an open connection", async () => {
  let isUp = false;
  await using service = new FakeService(({ accept }) =>
    isUp ? accept() : refusal(unavailable("full", { seconds: 60 }))
  );
  await using tidings = connect(service.url, { target: "alexander" });
  const events = new RecordedEvents(tidings);
  await events.waitFor("waiting");
  isUp = true;
  dispatchEvent(new Event("online"));
  await events.waitFor("open");
  dispatchEvent(new Event("online"));
  dispatchEvent(new Event("offline"));
  assertEquals(tidings.state, "open", "browsers may be wrong about being offline");
  dispatchEvent(new Event("online"));
  await events.waitFor("open", 2);
  assertEquals(service.requests.at(-1)?.after, "p0");
});

for (const { code } of [CLOSE.disconnected, CLOSE.protocolViolation]) {
  for (
    const [transport, answer] of [["sse", blockWebSockets], [
      "websocket",
      ({ accept }: FakeRequest) => accept(),
    ]] as const
  ) {
    Deno.test(`Reconnector over ${transport} closes for good when the server closes with ${code}`, async () => {
      await using service = new FakeService(answer);
      await using tidings = connect(service.url, { target: "alexander" });
      const events = new RecordedEvents(tidings);
      let final: number | undefined;
      tidings.addEventListener("error", ({ detail }) => final = detail.code);
      await events.waitFor("open");
      assertEquals(tidings.status.transport, transport);
      service.connection.close(code);
      await events.waitFor("error final");
      assertEquals(final, code);
      assertEquals(events.all, ["open", "closed", "error final"]);
    });
  }
}

Deno.test("Reconnector backs off and resumes when the server restarts", async () => {
  await using service = new FakeService(({ accept }) => accept());
  await using tidings = connect(service.url, { target: "alexander" });
  const events = new RecordedEvents(tidings);
  await events.waitFor("open");
  service.connection.close(CLOSE.restart.code);
  await events.waitFor("waiting");
  assert(tidings.status.retryInMs > 0 && tidings.status.retryInMs < 500);
  dispatchEvent(new Event("online"));
  await events.waitFor("open", 2);
  assertEquals(events.all, ["open", "waiting", "connecting", "open"]);
});
