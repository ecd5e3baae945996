/** Upkeep: how a connection is opened, and what is done when it ends. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { connect } from "../../src/client/client.ts";
import { CLOSE } from "../../src/wire/close_codes.ts";
import { Problem, unavailable } from "../../src/wire/problem.ts";
import { Happenings } from "./recorded_events.ts";
import { StandIn, type Visit } from "./stand_in.ts";

function refusal(problem: Problem): Response {
  const { status, headers } = problem;
  return new Response(JSON.stringify(problem), { status, headers });
}

const UPGRADE = () => refusal(new Problem("upgrade-required", "now ask for an upgrade"));

/** Refuses sockets, and says that a problem is why. */
function refusing(problem: Problem): (visit: Visit) => Response {
  return ({ isUpgrade }) => isUpgrade ? new Response(null, { status: 500 }) : refusal(problem);
}

/** A network that has no WebSockets. */
function withoutSockets({ route, accept }: Visit): Response {
  if (route === "connect") return UPGRADE();
  return route === "events" ? accept() : new Response(null, { status: 204 });
}

/** A token that is another one each time. */
function tokens(): { token: () => Promise<string>; count: () => number } {
  let count = 0;
  return { token: () => Promise.resolve(`token-${++count}`), count: () => count };
}

Deno.test("A connection shows its token, and keeps it while nothing is wrong with it", async () => {
  await using service = new StandIn(({ accept }) => accept());
  const { token, count } = tokens();
  await using tidings = connect(service.url, { token });
  const happenings = new Happenings(tidings);
  await happenings.has("open");
  service.peer.close(CLOSE.stuck.code);
  await happenings.has("open", 2);
  assertEquals(service.visits.map(({ token }) => token), ["token-1", "token-1"]);
  assertEquals(count(), 1);
});

Deno.test("A connection comes back at once, with a fresh token, when the token has expired", async () => {
  await using service = new StandIn(({ accept }) => accept());
  await using tidings = connect(service.url, { token: tokens().token });
  const happenings = new Happenings(tidings);
  await happenings.has("open");
  service.peer.close(CLOSE.tokenExpired.code);
  await happenings.has("open", 2);
  assertEquals(service.visits.map(({ token, after }) => [token, after]), [["token-1", null], [
    "token-2",
    "p0",
  ]]);
});

Deno.test("A connection that was refused asks why, and comes with a fresh token when that was the reason", async () => {
  const isStale = ({ token }: Visit) => token === "token-1";
  await using service = new StandIn((visit) =>
    isStale(visit) ? refusal(new Problem("not-authorized", "it has expired")) : visit.accept()
  );
  await using tidings = connect(service.url, { token: tokens().token });
  await new Happenings(tidings).has("open");
  assertEquals(service.visits.map(({ isUpgrade, token }) => [isUpgrade, token]), [
    [true, "token-1"],
    [false, "token-1"],
    [true, "token-2"],
  ]);
});

Deno.test("A connection whose fresh token is refused as well backs off", async () => {
  await using service = new StandIn(refusing(new Problem("not-authorized", "no")));
  await using tidings = connect(service.url, { token: tokens().token });
  const happenings = new Happenings(tidings);
  await happenings.has("waiting", 2);
  assert(tidings.status.retryInMs < 1_000);
  assertStringIncludes(tidings.status.reason, "401");
  assertEquals(service.visits.map(({ token }) => token), ["token-1", "token-1", "token-2", "token-2"]);
});

for (const kind of ["bad-request", "origin-not-allowed"] as const) {
  Deno.test(`A connection that is refused with ${kind} is closed for good, and says so`, async () => {
    await using service = new StandIn(refusing(new Problem(kind, "never")));
    await using tidings = connect(service.url, { target: "alexander" });
    const happenings = new Happenings(tidings);
    const loop = tidings.notifications();
    const failed = loop.next().then(() => null, (error) => error);
    await happenings.has("error final");
    assertEquals(happenings.all, ["closed", "error final"]);
    const { name, final, status, message } = await failed;
    assertEquals([name, final, status], ["TidingsError", true, new Problem(kind, "").status]);
    assertStringIncludes(message, "never");
    assertEquals((await tidings.notifications().next()).done, true);
  });
}

Deno.test("A connection that is refused with 401, and has nobody to ask for a token, is closed for good", async () => {
  await using service = new StandIn(refusing(new Problem("not-authorized", "a token is needed")));
  await using tidings = connect(service.url);
  await new Happenings(tidings).has("error final");
});

for (const kind of ["too-many-connections", "unavailable"] as const) {
  Deno.test(`A connection that is refused with ${kind} waits as long as it is told, and some more`, async () => {
    const headers = { "retry-after": "7" };
    await using service = new StandIn(refusing(new Problem(kind, "not now", { headers })));
    await using tidings = connect(service.url, { target: "alexander" });
    const happenings = new Happenings(tidings);
    await happenings.has("waiting");
    assert(tidings.status.retryInMs >= 7_000 && tidings.status.retryInMs < 7_500);
    assertStringIncludes(tidings.status.reason, "not now");
  });
}

Deno.test("A connection is not tried before there is a token, and again when getting one has failed", async () => {
  await using service = new StandIn(({ accept }) => accept());
  let asked = 0;
  await using tidings = connect(service.url, {
    token() {
      if (++asked === 1) throw new Error("the backend is away");
      return "token";
    },
  });
  const happenings = new Happenings(tidings);
  await happenings.has("waiting");
  assertEquals(tidings.status.reason, "the backend is away");
  dispatchEvent(new Event("online"));
  await happenings.has("open");
  assertEquals(service.visits.map(({ token }) => token), ["token"]);
});

Deno.test("A connection that waits comes back when the network does, and an open one is made anew", async () => {
  let isUp = false;
  await using service = new StandIn(({ accept }) =>
    isUp ? accept() : refusal(unavailable("full", { seconds: 60 }))
  );
  await using tidings = connect(service.url, { target: "alexander" });
  const happenings = new Happenings(tidings);
  await happenings.has("waiting");
  isUp = true;
  dispatchEvent(new Event("online"));
  await happenings.has("open");
  dispatchEvent(new Event("online"));
  dispatchEvent(new Event("offline"));
  assertEquals(tidings.state, "open", "browsers may be wrong about it");
  dispatchEvent(new Event("online"));
  await happenings.has("open", 2);
  assertEquals(service.visits.at(-1)?.after, "p0");
});

for (const { code } of [CLOSE.disconnected, CLOSE.protocolViolation]) {
  for (
    const [transport, answer] of [["sse", withoutSockets], ["websocket", (v: Visit) => v.accept()]] as const
  ) {
    Deno.test(`A connection over ${transport} stays away when it is closed with ${code}`, async () => {
      await using service = new StandIn(answer);
      await using tidings = connect(service.url, { target: "alexander" });
      const happenings = new Happenings(tidings);
      let final: number | undefined;
      tidings.addEventListener("error", ({ detail }) => final = detail.code);
      await happenings.has("open");
      assertEquals(tidings.status.transport, transport);
      service.peer.close(code);
      await happenings.has("error final");
      assertEquals(final, code);
      assertEquals(happenings.all, ["open", "closed", "error final"]);
    });
  }
}

Deno.test("A connection backs off, and resumes, when the server restarts", async () => {
  await using service = new StandIn(({ accept }) => accept());
  await using tidings = connect(service.url, { target: "alexander" });
  const happenings = new Happenings(tidings);
  await happenings.has("open");
  service.peer.close(CLOSE.restart.code);
  await happenings.has("waiting");
  assert(tidings.status.retryInMs > 0 && tidings.status.retryInMs < 500);
  dispatchEvent(new Event("online"));
  await happenings.has("open", 2);
  assertEquals(happenings.all, ["open", "waiting", "connecting", "open"]);
});

Deno.test("A connection goes over Server-Sent Events where WebSockets are blocked, and tries none for a while", async () => {
  await using service = new StandIn(withoutSockets);
  await using tidings = connect(service.url, { token: tokens().token, ack: "manual" }); // acks are visits too
  const happenings = new Happenings(tidings);
  await happenings.has("open");
  assertEquals(tidings.status.transport, "sse");
  assertEquals(service.routes, ["socket", "connect", "socket", "events"]);
  service.peer.send({ type: "notification", id: "a", position: "p1", at: "", data: "\u2028" });
  await happenings.has("got \u2028");
  service.peer.close(CLOSE.tokenExpired.code);
  await happenings.has("open", 2);
  assertEquals(service.routes.slice(4), ["events"]);
  assertEquals(service.visits.slice(3).map(({ token, after }) => [token, after]), [
    ["token-1", null],
    ["token-2", "p1"],
  ]);
  service.peer.cut();
  await happenings.has("waiting", 2);
  dispatchEvent(new Event("online")); // maybe another network
  await happenings.has("open", 3);
  assertEquals(service.routes[5], "socket");
});

Deno.test("A connection does not take a service that came up meanwhile for one without WebSockets", async () => {
  await using service = new StandIn(({ isUpgrade, accept }, index) =>
    index === 0 ? new Response(null, { status: 502 }) : isUpgrade ? accept() : UPGRADE()
  );
  await using tidings = connect(service.url, { target: "alexander" });
  await new Happenings(tidings).has("open");
  assertEquals(tidings.status.transport, "websocket");
});

Deno.test("A connection over Server-Sent Events posts its acks and messages", async () => {
  await using service = new StandIn(withoutSockets);
  await using tidings = connect(service.url, { token: tokens().token });
  const happenings = new Happenings(tidings);
  await happenings.has("open");
  service.peer.send({ type: "notification", id: "a", position: "p1", at: "", data: 1 });
  await happenings.has("got 1");
  assertEquals(tidings.send({ read: true }), true);
  while (service.routes.filter((route) => route === "received").length < 2) await soon();
  const posts = service.visits.filter(({ route }) => route === "received");
  assertEquals(posts.map(({ token, body }) => [token, JSON.parse(body)]), [
    ["token-1", { connection: "c", messages: [{ type: "ack", ids: ["a"] }] }],
    ["token-1", { connection: "c", messages: [{ type: "message", data: { read: true } }] }],
  ]);
});

Deno.test("A connection over Server-Sent Events posts its acks before it is closed", async () => {
  await using service = new StandIn(withoutSockets);
  const tidings = connect(service.url, { target: "alexander" });
  const happenings = new Happenings(tidings);
  await happenings.has("open");
  service.peer.send({ type: "notification", id: "a", position: "p1", at: "", data: 1 });
  await happenings.has("got 1");
  await tidings.close();
  assertEquals(service.routes.at(-1), "received");
});

function soon(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 2));
}

Deno.test("close() ends whatever is under way", async () => {
  const never = Promise.withResolvers<Response>();
  const stages: Record<string, (visit: Visit) => Response | Promise<Response>> = {
    open: ({ accept }) => accept(),
    "open over SSE": withoutSockets,
    waiting: refusing(unavailable("full", { seconds: 60 })),
    asking: ({ isUpgrade }) => isUpgrade ? new Response(null, { status: 404 }) : never.promise,
  };
  for (const [stage, answer] of Object.entries(stages)) {
    await using service = new StandIn(answer);
    const tidings = connect(service.url, { target: "alexander" });
    const happenings = new Happenings(tidings);
    if (stage === "asking") { while (service.routes.length < 2) await soon(); }
    else await happenings.has(stage.split(" ")[0] ?? "");
    const ended = tidings.notifications().next();
    await tidings.close();
    assertEquals((await ended).done, true, stage);
    assertEquals(happenings.all.at(-1), "closed", stage);
    assertEquals(happenings.all.includes("error final"), false, stage);
    never.resolve(new Response());
  }
});

Deno.test("close() doesn't wait for a token that never comes, and nothing is opened when it comes late", async () => {
  await using service = new StandIn(({ accept }) => accept());
  for (const share of [false, true]) {
    const { promise, resolve } = Promise.withResolvers<string>();
    const tidings = connect(service.url, { token: () => promise, share });
    const happenings = new Happenings(tidings);
    await tidings.close();
    assertEquals(happenings.all, ["closed"]);
    resolve("token");
    await soon();
  }
  assertEquals(service.visits.length, 0);
});

Deno.test("An AbortSignal and `using` close it too", async () => {
  await using service = new StandIn(({ accept }) => accept());
  const abort = new AbortController();
  const tidings = connect(service.url, { target: "alexander", signal: abort.signal });
  const happenings = new Happenings(tidings);
  await happenings.has("open");
  abort.abort();
  await happenings.has("closed");
  await tidings.close();

  const late = connect(service.url, { target: "alexander", signal: abort.signal });
  await new Happenings(late).has("closed");
  assertEquals(service.visits.length, 1);

  let left: Happenings;
  {
    using scoped = connect(service.url, { target: "alexander" });
    left = new Happenings(scoped);
    await left.has("open");
  }
  await left.has("closed");
});
