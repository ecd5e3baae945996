/** events: who may have a stream, judged as for connect; what is answered; and what becomes of who may. */

import { assertEquals, assertMatch } from "@std/assert";
import { Admission } from "../../../src/connection/admission.ts";
import { ConnectionSlots } from "../../../src/connection/connection_slots.ts";
import type { AdmittedConnection } from "../../../src/connection/session.ts";
import { positionOf } from "../../../src/wire/position.ts";
import { assertProblem } from "../assert_problem.ts";
import { secondsFromNow, signedToken } from "../auth/signed_token.ts";
import { ALLOWED_ORIGIN, CONFIG, NOBODY_ELSE, type TestApp, testApp, type TestParts } from "../test_app.ts";

const DEVELOPMENT = { development: true, publisherKeyDigests: [], allowedOrigins: null };
const [EARLIER, LATER] = [positionOf("epoch123", 7), positionOf("epoch123", 9)];

/** An app whose streams say one word, and who was let in. */
function bench(parts: TestParts = {}) {
  const admitted: AdmittedConnection[] = [];
  const app = testApp({
    sessions: {
      attach() {},
      openEventStream(one) {
        admitted.push(one);
        return new Response("data: hello\n\n").body ?? new ReadableStream();
      },
    },
    ...parts,
  });
  return { ...app, admitted };
}

async function ask({ app }: TestApp, path: string, init: RequestInit = {}): Promise<Response> {
  return await app.request(`/v1/events${path}`, init, { completed: Promise.resolve() });
}

function bearer(jwt: string): Record<string, string> {
  return { authorization: `Bearer ${jwt}` };
}

Deno.test("events refuses in the order 503, 503, 403, 401, 400, 400, 400, 429, and then streams", async () => {
  let draining = true;
  const app = bench({
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
  /** Of each: the refusal, and what puts an end to it. */
  const refusals: [string, () => unknown][] = [
    ["503 unavailable", () => draining = false],
    ["503 unavailable", () => other?.release()],
    ["403 origin-not-allowed", () => headers.origin = ALLOWED_ORIGIN],
    ["401 not-authorized", async () => Object.assign(headers, bearer(await signedToken({ sub: ".." })))],
    ["400 bad-request", async () => Object.assign(headers, bearer(await signedToken({ sub: "alexander" })))],
    ["400 bad-request", () => path = `?after=${EARLIER}`],
    ["400 bad-request", () => headers["last-event-id"] = LATER],
    ["429 too-many-connections", () => own?.release()],
  ];
  for (const [refusal, cure] of refusals) {
    await assertProblem(await ask(app, path, { headers }), refusal);
    await cure();
  }
  assertEquals([app.admission.slots.taken, app.admitted], [0, []]);
  const response = await ask(app, path, { headers });
  assertEquals([response.status, await response.text()], [200, "data: hello\n\n"]);
  assertEquals(app.admission.slots.taken, 1);
  app.admission.close();
});

Deno.test("events answers with a stream that nobody is to keep or to hold back", async () => {
  const response = await ask(bench({ config: DEVELOPMENT }), "?target=alexander");
  const told = ["content-type", "cache-control", "x-accel-buffering"].map((name) =>
    response.headers.get(name)
  );
  assertEquals(told, ["text/event-stream", "no-store", "no"]);
  await response.body?.cancel();
});

Deno.test("events takes the token from the header, the cookie or the query", async () => {
  const jwt = await signedToken({ sub: "alexander", exp: secondsFromNow(60) });
  const shown: [string, Record<string, string>][] = [
    ["", bearer(jwt)],
    ["", { cookie: `tidings_token=${jwt}`, origin: ALLOWED_ORIGIN }],
    [`?access_token=${jwt}`, {}],
  ];
  for (const [path, headers] of shown) {
    const app = bench();
    const response = await ask(app, path, { headers });
    assertEquals([response.status, app.admitted.length], [200, 1]);
    await response.body?.cancel();
  }
  const withoutOrigin = { cookie: `tidings_token=${jwt}` };
  await assertProblem(await ask(bench(), "", { headers: withoutOrigin }), "403 origin-not-allowed");
  await assertProblem(await ask(bench(), "?target=alexander"), "401 not-authorized");
});

Deno.test("events hands over who was admitted: the target, when the token expires, the slot", async () => {
  const exp = secondsFromNow(60);
  const app = bench();
  const headers = bearer(await signedToken({ sub: "alexander", exp }));
  await (await ask(app, "", { headers })).body?.cancel();
  const [{ slot, ...admitted } = {}] = app.admitted;
  assertEquals(admitted, { target: "alexander", expiresAt: exp * 1_000, after: null });
  assertEquals(app.admission.slots.taken, 1);
  slot?.release();
  assertEquals(app.admission.slots.taken, 0);
  app.admission.close();
});

Deno.test("events goes on after Last-Event-ID or `after`, and after the former if both are there", async () => {
  const cases: [string, Record<string, string>, string | null][] = [
    ["", {}, null],
    [`&after=${EARLIER}`, {}, EARLIER],
    ["", { "last-event-id": LATER }, LATER],
    [`&after=${EARLIER}`, { "last-event-id": LATER }, LATER],
    [`&after=${LATER}`, { "last-event-id": EARLIER }, EARLIER],
  ];
  for (const [query, headers, after] of cases) {
    const app = bench({ config: DEVELOPMENT });
    await (await ask(app, `?target=alexander${query}`, { headers })).body?.cancel();
    assertEquals(app.admitted.map((one) => one.after), [after]);
  }
});

Deno.test("events refuses a Last-Event-ID or an `after` that is not a position, and says which", async () => {
  const app = bench({ config: DEVELOPMENT });
  for (const text of ["", "7", LATER.toUpperCase()]) {
    const inHeader = await ask(app, `?target=a&after=${EARLIER}`, { headers: { "last-event-id": text } });
    assertMatch((await assertProblem(inHeader, "400 bad-request")).detail, /^Last-Event-ID: /);
    const inQuery = await ask(app, `?target=a&after=${text}`, { headers: { "last-event-id": LATER } });
    assertMatch((await assertProblem(inQuery, "400 bad-request")).detail, /^after: /);
  }
});

Deno.test("events answers HEAD without a stream, and takes no slot for it", async () => {
  const app = bench({ config: DEVELOPMENT });
  const response = await ask(app, "?target=alexander", { method: "HEAD" });
  assertEquals([response.status, response.headers.get("content-type")], [200, "text/event-stream"]);
  assertEquals([app.admitted, app.admission.slots.taken], [[], 0]);
});

Deno.test("events frees the slot and is unavailable if the target cannot be followed", async () => {
  const failure = new Error("the journal is away");
  const journal = { follow: () => Promise.reject(failure), unfollow() {} };
  const admission = new Admission(
    { journal, nodes: NOBODY_ELSE, slots: new ConnectionSlots(CONFIG.maxConnections) },
    { ...CONFIG, lingerMs: 0 },
  );
  const app = bench({ config: DEVELOPMENT, admission });
  const response = await ask(app, "?target=a");
  assertEquals(response.headers.get("retry-after"), "1");
  await assertProblem(response, "503 unavailable");
  assertEquals([app.admission.slots.taken, app.admitted, app.reported], [0, [], [failure]]);
});

Deno.test("events lets in no more of a target than it has slots, if all come at once too", async () => {
  const app = bench({ config: { ...DEVELOPMENT, maxConnections: 5, maxConnectionsPerTarget: 2 } });
  const responses = await Promise.all(Array.from({ length: 8 }, () => ask(app, "?target=alexander")));
  for (const { body } of responses) await body?.cancel();
  assertEquals(responses.filter(({ status }) => status === 200).length, 2);
  assertEquals(app.admission.slots.taken, 2);
});

/** What lets a page read an answer. */
function readableBy(response: Response): (string | null)[] {
  return ["allow-origin", "allow-credentials"].map((name) => response.headers.get(`access-control-${name}`));
}

Deno.test("events lets a page that may connect read the stream or the refusal, and no other page", async () => {
  const app = bench();
  const cookie = `tidings_token=${await signedToken({ sub: "alexander" })}`;
  for (const [headers, status] of [[{ cookie }, 200], [{ cookie: "" }, 401]] as const) {
    const response = await ask(app, "", { headers: { ...headers, origin: ALLOWED_ORIGIN } });
    assertEquals([response.status, ...readableBy(response)], [status, ALLOWED_ORIGIN, "true"]);
    assertEquals(response.headers.get("vary"), "origin");
    await response.body?.cancel();
    const other = await ask(app, "", { headers: { ...headers, origin: "https://evil.example" } });
    assertEquals([other.status, ...readableBy(other)], [403, null, null]);
    await other.body?.cancel();
  }
});

Deno.test("preflight of events lets a page that may connect send a token and Last-Event-ID", async () => {
  const response = await ask(bench(), "", { method: "OPTIONS", headers: { origin: ALLOWED_ORIGIN } });
  assertEquals([response.status, ...readableBy(response)], [204, ALLOWED_ORIGIN, "true"]);
  assertEquals(response.headers.get("access-control-allow-headers"), "authorization, last-event-id");
  const other = await ask(bench(), "", { method: "OPTIONS", headers: { origin: "https://evil.example" } });
  await assertProblem(other, "403 origin-not-allowed");
});
