/** received: who may post for which connection, what fits, and what is answered. */

import { assertEquals } from "@std/assert";
import { Problem, type ProblemKind } from "../../../src/wire/problem.ts";
import type { ReceivedRequest } from "../../../src/wire/protocol.ts";
import { assertProblem } from "../assert_problem.ts";
import { signedToken } from "../auth/signed_token.ts";
import { ALLOWED_ORIGIN, type TestApp, testApp, type TestParts } from "../test_app.ts";

const DEVELOPMENT = { development: true, publisherKeyDigests: [], allowedOrigins: null };
const REQUEST: ReceivedRequest = {
  connection: "tablet",
  messages: [{ type: "ack", ids: ["a"] }, { type: "message", data: [1, null] }],
};

/** An app, and what was received. */
function bench(parts: TestParts = {}) {
  const taken: [string, ReceivedRequest][] = [];
  const app = testApp({
    receive(target, request) {
      taken.push([target, request]);
      return Promise.resolve();
    },
    ...parts,
  });
  return { ...app, taken };
}

async function post(
  { app }: TestApp,
  body: unknown,
  { headers = {}, query = "" }: { headers?: Record<string, string>; query?: string } = {},
): Promise<Response> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return await app.request(`/v1/received${query}`, { method: "POST", body: text, headers });
}

Deno.test("received hands on messages with the target that the token says", async () => {
  const app = bench();
  const jwt = await signedToken({ sub: "alexander" });
  const shown = [{ authorization: `Bearer ${jwt}` }, {
    cookie: `tidings_token=${jwt}`,
    origin: ALLOWED_ORIGIN,
  }];
  for (const headers of shown) {
    const response = await post(app, REQUEST, { headers });
    assertEquals([response.status, await response.text()], [204, ""]);
  }
  assertEquals(app.taken, [["alexander", REQUEST], ["alexander", REQUEST]]);
});

Deno.test("received in development takes the name of the target, and nobody's word for it elsewhere", async () => {
  const app = bench({ config: DEVELOPMENT });
  assertEquals((await post(app, REQUEST, { query: "?target=alexander" })).status, 204);
  assertEquals(app.taken, [["alexander", REQUEST]]);
  await assertProblem(await post(app, REQUEST), "400 bad-request");
  await assertProblem(await post(bench(), REQUEST, { query: "?target=alexander" }), "401 not-authorized");
});

Deno.test("received takes messages while the service stops, for connections last until then", async () => {
  const app = bench({ config: { ...DEVELOPMENT, maxConnections: 1 }, isDraining: () => true });
  app.admission.reserve("alexander");
  assertEquals((await post(app, REQUEST, { query: "?target=alexander" })).status, 204);
});

Deno.test("received refuses pages that may not connect, and cookies without an origin", async () => {
  const jwt = await signedToken({ sub: "alexander" });
  const app = bench();
  for (
    const headers of [
      { authorization: `Bearer ${jwt}`, origin: "https://evil.example" },
      { cookie: `tidings_token=${jwt}`, origin: "https://evil.example" },
      { cookie: `tidings_token=${jwt}` },
    ]
  ) await assertProblem(await post(app, REQUEST, { headers }), "403 origin-not-allowed");
  assertEquals(app.taken, []);
});

const REFUSED: readonly [string, unknown, string][] = [
  ["what is not JSON", "{", "400 not-json"],
  ["a body over 64 KiB", { ...REQUEST, connection: "x".repeat(65_536) }, "413 too-large"],
  ["a bare array of messages", REQUEST.messages, "422 does-not-fit"],
  ["a request without a connection", { messages: REQUEST.messages }, "422 does-not-fit"],
  ["a connection that is no name", { ...REQUEST, connection: "" }, "422 does-not-fit"],
  ["a request without messages", { connection: "tablet" }, "422 does-not-fit"],
  ["no messages", { connection: "tablet", messages: [] }, "422 does-not-fit"],
  ["one bad message among others", { ...REQUEST, messages: [...REQUEST.messages, {}] }, "422 does-not-fit"],
  ["an unknown field", { ...REQUEST, target: "burr" }, "422 does-not-fit"],
];

for (const [what, body, expected] of REFUSED) {
  Deno.test(`received refuses ${what} with ${expected}, and hands on nothing of it`, async () => {
    const app = bench({ config: DEVELOPMENT });
    await assertProblem(await post(app, body, { query: "?target=alexander" }), expected);
    assertEquals(app.taken, []);
  });
}

Deno.test("received says where in the request something does not fit", async () => {
  const body = { ...REQUEST, messages: [{ type: "ack", ids: ["a"] }, { type: "ack", ids: [1] }] };
  const response = await post(bench({ config: DEVELOPMENT }), body, { query: "?target=alexander" });
  const { errors } = await assertProblem(response, "422 does-not-fit");
  assertEquals(errors?.map(({ path }) => path), ["messages.1.ids.0"]);
});

const TAKEN_BY_NOBODY: readonly [ProblemKind, string][] = [
  ["not-found", "404 not-found"],
  ["too-many-requests", "429 too-many-requests"],
  ["unavailable", "503 unavailable"],
];

for (const [kind, expected] of TAKEN_BY_NOBODY) {
  Deno.test(`received answers with ${expected} if that is why nothing was taken, and when to come again`, async () => {
    const problem = new Problem(kind, "because", { headers: { "retry-after": "1" } });
    const app = bench({ config: DEVELOPMENT, receive: () => Promise.reject(problem) });
    const response = await post(app, REQUEST, { query: "?target=alexander" });
    assertEquals(response.headers.get("retry-after"), "1");
    await assertProblem(response, expected);
    assertEquals(app.reported, []);
  });
}

Deno.test("received lets a page that may connect read the answer, and ask whether it may post JSON with a token", async () => {
  const app = bench();
  const origin = ALLOWED_ORIGIN;
  const headers = { origin, authorization: `Bearer ${await signedToken({ sub: "alexander" })}` };
  for (const [body, status] of [[REQUEST, 204], ["{", 400]] as const) {
    const response = await post(app, body, { headers });
    assertEquals([response.status, response.headers.get("access-control-allow-origin")], [status, origin]);
    await response.body?.cancel();
  }
  const preflight = await app.app.request("/v1/received", { method: "OPTIONS", headers: { origin } });
  const allowed = ["origin", "credentials", "headers"].map((name) =>
    preflight.headers.get(`access-control-allow-${name}`)
  );
  assertEquals([preflight.status, ...allowed], [204, origin, "true", "authorization, content-type"]);
});
