/** events: which requests are refused, the response to the others, and the connection that is handed over. */

import { assertEquals, assertMatch } from "@std/assert";
import { Admission } from "../../../src/connection/admission.ts";
import { ConnectionSlots } from "../../../src/connection/connection_slots.ts";
import type { AdmittedConnection } from "../../../src/connection/session.ts";
import { positionOf } from "../../../src/wire/position.ts";
import { assertProblem } from "../assert_problem.ts";
import { bearer, secondsFromNow, signedToken } from "../auth/signed_token.ts";
import {
  ALLOWED_ORIGIN,
  CONFIG,
  createTestApp,
  DEVELOPMENT,
  NO_OTHER_NODES,
  type TestApp,
  type TestAppOptions,
} from "../test_app.ts";

const [EARLIER, LATER] = [positionOf("epoch123", 7), positionOf("epoch123", 9)];

/** An app whose streams have one event, and the connections that were admitted. */
function setUp(options: TestAppOptions = {}) {
  const admitted: AdmittedConnection[] = [];
  const app = createTestApp({
    sessions: {
      attach() {},
      openEventStream(one) {
        admitted.push(one);
        return new Response("data: hello\n\n").body ?? new ReadableStream();
      },
    },
    ...options,
  });
  return { ...app, admitted };
}

async function request({ app }: TestApp, path: string, init: RequestInit = {}): Promise<Response> {
  return await app.request(`/v1/events${path}`, init, { completed: Promise.resolve() });
}

Deno.test("events refuses in the order 503, 503, 403, 401, 401, 400, 400, 429, and then streams", async () => {
  let draining = true;
  const app = setUp({
    config: { maxConnections: 2, maxConnectionsPerTarget: 1 },
    isDraining: () => draining,
  });
  const [own, other] = ["alexander", "burr"].map((target) => app.admission.reserve(target));
  const headers: Record<string, string> = {
    origin: "https://evil.example",
    "last-event-id": "yesterday",
    ...bearer("forged"),
  };
  let path = "?after=yesterday";
  /** The refusals in order, each with the change that resolves it. */
  const refusals: [string, () => unknown][] = [
    ["503 unavailable", () => draining = false],
    ["503 unavailable", () => other?.release()],
    ["403 origin-not-allowed", () => headers.origin = ALLOWED_ORIGIN],
    ["401 not-authorized", async () => Object.assign(headers, bearer(await signedToken({ sub: ".." })))],
    [
      "401 not-authorized",
      async () => Object.assign(headers, bearer(await signedToken({ sub: "alexander" }))),
    ],
    ["400 bad-request", () => path = `?after=${EARLIER}`],
    ["400 bad-request", () => headers["last-event-id"] = LATER],
    ["429 too-many-connections", () => own?.release()],
  ];
  for (const [refusal, resolve] of refusals) {
    await assertProblem(await request(app, path, { headers }), refusal);
    await resolve();
  }
  assertEquals([app.admission.slots.taken, app.admitted], [0, []]);
  const response = await request(app, path, { headers });
  assertEquals([response.status, await response.text()], [200, "data: hello\n\n"]);
  assertEquals(app.admission.slots.taken, 1);
  app.admission.close();
});

Deno.test("events answers with a stream that must not be cached or buffered", async () => {
  const response = await request(setUp({ config: DEVELOPMENT }), "?target=alexander");
  const headers = ["content-type", "cache-control", "x-accel-buffering"].map((name) =>
    response.headers.get(name)
  );
  assertEquals(headers, ["text/event-stream", "no-store", "no"]);
  await response.body?.cancel();
});

Deno.test("events accepts the token in the header, the cookie or the query", async () => {
  const jwt = await signedToken({ sub: "alexander", exp: secondsFromNow(60) });
  const requests: [string, Record<string, string>][] = [
    ["", bearer(jwt)],
    ["", { cookie: `tidings_token=${jwt}`, origin: ALLOWED_ORIGIN }],
    [`?access_token=${jwt}`, {}],
  ];
  for (const [path, headers] of requests) {
    const app = setUp();
    const response = await request(app, path, { headers });
    assertEquals([response.status, app.admitted.length], [200, 1]);
    await response.body?.cancel();
  }
  const withoutOrigin = { cookie: `tidings_token=${jwt}` };
  await assertProblem(await request(setUp(), "", { headers: withoutOrigin }), "403 origin-not-allowed");
  await assertProblem(await request(setUp(), "?target=alexander"), "401 not-authorized");
});

Deno.test("events hands over the target, the expiry of the token, and the slot", async () => {
  const exp = secondsFromNow(60);
  const app = setUp();
  const headers = bearer(await signedToken({ sub: "alexander", exp }));
  await (await request(app, "", { headers })).body?.cancel();
  const [{ slot, ...admitted } = {}] = app.admitted;
  const token = { target: "alexander", jti: null, issuedAt: 0 };
  assertEquals(admitted, { ...token, expiresAt: exp * 1_000, after: null });
  assertEquals(app.admission.slots.taken, 1);
  slot?.release();
  assertEquals(app.admission.slots.taken, 0);
  app.admission.close();
});

Deno.test("events resumes after Last-Event-ID or `after`, and prefers Last-Event-ID", async () => {
  const cases: [string, Record<string, string>, string | null][] = [
    ["", {}, null],
    [`&after=${EARLIER}`, {}, EARLIER],
    ["", { "last-event-id": LATER }, LATER],
    [`&after=${EARLIER}`, { "last-event-id": LATER }, LATER],
    [`&after=${LATER}`, { "last-event-id": EARLIER }, EARLIER],
    ["&after=earliest", {}, "earliest"],
    ["&after=earliest", { "last-event-id": LATER }, LATER],
  ];
  for (const [query, headers, after] of cases) {
    const app = setUp({ config: DEVELOPMENT });
    await (await request(app, `?target=alexander${query}`, { headers })).body?.cancel();
    assertEquals(app.admitted.map((one) => one.after), [after]);
  }
});

Deno.test("events refuses a Last-Event-ID or an `after` that is not a position, and names it", async () => {
  const app = setUp({ config: DEVELOPMENT });
  for (const text of ["", "7", LATER.toUpperCase(), "latest"]) {
    const inHeader = await request(app, `?target=a&after=${EARLIER}`, { headers: { "last-event-id": text } });
    assertMatch((await assertProblem(inHeader, "400 bad-request")).detail, /^Last-Event-ID: /);
    const inQuery = await request(app, `?target=a&after=${text}`, { headers: { "last-event-id": LATER } });
    assertMatch((await assertProblem(inQuery, "400 bad-request")).detail, /^after: .*position.*earliest/);
  }
  const headers = { "last-event-id": "earliest" };
  await assertProblem(await request(app, "?target=a", { headers }), "400 bad-request");
});

Deno.test("events answers HEAD without a stream and without taking a slot", async () => {
  const app = setUp({ config: DEVELOPMENT });
  const response = await request(app, "?target=alexander", { method: "HEAD" });
  assertEquals([response.status, response.headers.get("content-type")], [200, "text/event-stream"]);
  assertEquals([app.admitted, app.admission.slots.taken], [[], 0]);
});

Deno.test("events releases the slot and answers 503 if the journal cannot follow the target", async () => {
  const error = new Error("the journal is unavailable");
  const journal = { follow: () => Promise.reject(error), unfollow() {} };
  const admission = new Admission(
    { journal, nodes: NO_OTHER_NODES, slots: new ConnectionSlots(CONFIG.maxConnections) },
    { ...CONFIG, lingerMs: 0 },
  );
  const app = setUp({ config: DEVELOPMENT, admission });
  const response = await request(app, "?target=a");
  assertEquals(response.headers.get("retry-after"), "1");
  await assertProblem(response, "503 unavailable");
  assertEquals([app.admission.slots.taken, app.admitted, app.reported], [0, [], [error]]);
});

Deno.test("events admits no more connections of a target than the limit, also if they open at once", async () => {
  const app = setUp({ config: { ...DEVELOPMENT, maxConnections: 5, maxConnectionsPerTarget: 2 } });
  const responses = await Promise.all(Array.from({ length: 8 }, () => request(app, "?target=alexander")));
  for (const { body } of responses) await body?.cancel();
  assertEquals(responses.filter(({ status }) => status === 200).length, 2);
  assertEquals(app.admission.slots.taken, 2);
});

/** The CORS headers that let a page read the response. */
function corsHeaders(response: Response): (string | null)[] {
  return ["allow-origin", "allow-credentials"].map((name) => response.headers.get(`access-control-${name}`));
}

Deno.test("events lets only allowed pages read the stream or the refusal", async () => {
  const app = setUp();
  const cookie = `tidings_token=${await signedToken({ sub: "alexander" })}`;
  for (const [headers, status] of [[{ cookie }, 200], [{ cookie: "" }, 401]] as const) {
    const response = await request(app, "", { headers: { ...headers, origin: ALLOWED_ORIGIN } });
    assertEquals([response.status, ...corsHeaders(response)], [status, ALLOWED_ORIGIN, "true"]);
    assertEquals(response.headers.get("vary"), "origin");
    await response.body?.cancel();
    const other = await request(app, "", { headers: { ...headers, origin: "https://evil.example" } });
    assertEquals([other.status, ...corsHeaders(other)], [403, null, null]);
    await other.body?.cancel();
  }
});

Deno.test("preflight of events lets allowed pages send a token and Last-Event-ID", async () => {
  const response = await request(setUp(), "", { method: "OPTIONS", headers: { origin: ALLOWED_ORIGIN } });
  assertEquals([response.status, ...corsHeaders(response)], [204, ALLOWED_ORIGIN, "true"]);
  assertEquals(response.headers.get("access-control-allow-headers"), "authorization, last-event-id");
  const other = await request(setUp(), "", {
    method: "OPTIONS",
    headers: { origin: "https://evil.example" },
  });
  await assertProblem(other, "403 origin-not-allowed");
});
