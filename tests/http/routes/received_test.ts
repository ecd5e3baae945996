/** received: who may post messages, which bodies are valid, and the responses. */

import { assertEquals } from "@std/assert";
import { Problem, type ProblemKind } from "../../../src/wire/problem.ts";
import type { ReceivedRequest } from "../../../src/wire/protocol.ts";
import { assertProblem } from "../assert_problem.ts";
import { signedToken } from "../auth/signed_token.ts";
import {
  ALLOWED_ORIGIN,
  createTestApp,
  DEVELOPMENT,
  type TestApp,
  type TestAppOptions,
} from "../test_app.ts";

const REQUEST: ReceivedRequest = {
  connection: "tablet",
  messages: [{ type: "ack", ids: ["a"] }, { type: "message", data: [1, null] }],
};

/** An app, and the requests that it received. */
function setUp(options: TestAppOptions = {}) {
  const requests: [string, ReceivedRequest][] = [];
  const app = createTestApp({
    receive(target, request) {
      requests.push([target, request]);
      return Promise.resolve();
    },
    ...options,
  });
  return { ...app, requests };
}

async function post(
  { app }: TestApp,
  body: unknown,
  { headers = {}, query = "" }: { headers?: Record<string, string>; query?: string } = {},
): Promise<Response> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return await app.request(`/v1/received${query}`, { method: "POST", body: text, headers });
}

Deno.test("received passes on messages with the target of the token", async () => {
  const app = setUp();
  const jwt = await signedToken({ sub: "alexander" });
  const credentials = [{ authorization: `Bearer ${jwt}` }, {
    cookie: `tidings_token=${jwt}`,
    origin: ALLOWED_ORIGIN,
  }];
  for (const headers of credentials) {
    const response = await post(app, REQUEST, { headers });
    assertEquals([response.status, await response.text()], [204, ""]);
  }
  assertEquals(app.requests, [["alexander", REQUEST], ["alexander", REQUEST]]);
});

Deno.test("received accepts ?target= without a token in development mode only", async () => {
  const app = setUp({ config: DEVELOPMENT });
  assertEquals((await post(app, REQUEST, { query: "?target=alexander" })).status, 204);
  assertEquals(app.requests, [["alexander", REQUEST]]);
  await assertProblem(await post(app, REQUEST), "400 bad-request");
  await assertProblem(await post(setUp(), REQUEST, { query: "?target=alexander" }), "401 not-authorized");
});

Deno.test("received accepts messages while the service stops, because connections are still open", async () => {
  const app = setUp({ config: { ...DEVELOPMENT, maxConnections: 1 }, isDraining: () => true });
  app.admission.reserve("alexander");
  assertEquals((await post(app, REQUEST, { query: "?target=alexander" })).status, 204);
});

Deno.test("received refuses pages of other origins, and cookies without an Origin", async () => {
  const jwt = await signedToken({ sub: "alexander" });
  const app = setUp();
  for (
    const headers of [
      { authorization: `Bearer ${jwt}`, origin: "https://evil.example" },
      { cookie: `tidings_token=${jwt}`, origin: "https://evil.example" },
      { cookie: `tidings_token=${jwt}` },
    ]
  ) await assertProblem(await post(app, REQUEST, { headers }), "403 origin-not-allowed");
  assertEquals(app.requests, []);
});

const REFUSED: readonly [string, unknown, string][] = [
  ["what is not JSON", "{", "400 not-json"],
  ["a body over 64 KiB", { ...REQUEST, connection: "x".repeat(65_536) }, "413 too-large"],
  ["a bare array of messages", REQUEST.messages, "422 does-not-fit"],
  ["a request without a connection", { messages: REQUEST.messages }, "422 does-not-fit"],
  ["an empty connection", { ...REQUEST, connection: "" }, "422 does-not-fit"],
  ["a request without messages", { connection: "tablet" }, "422 does-not-fit"],
  ["no messages", { connection: "tablet", messages: [] }, "422 does-not-fit"],
  ["one bad message among others", { ...REQUEST, messages: [...REQUEST.messages, {}] }, "422 does-not-fit"],
  ["an unknown field", { ...REQUEST, target: "burr" }, "422 does-not-fit"],
];

for (const [what, body, expected] of REFUSED) {
  Deno.test(`received refuses ${what} with ${expected}, and passes on nothing`, async () => {
    const app = setUp({ config: DEVELOPMENT });
    await assertProblem(await post(app, body, { query: "?target=alexander" }), expected);
    assertEquals(app.requests, []);
  });
}

Deno.test("received names the part of the request that is invalid", async () => {
  const body = { ...REQUEST, messages: [{ type: "ack", ids: ["a"] }, { type: "ack", ids: [1] }] };
  const response = await post(setUp({ config: DEVELOPMENT }), body, { query: "?target=alexander" });
  const { errors } = await assertProblem(response, "422 does-not-fit");
  assertEquals(errors?.map(({ path }) => path), ["messages.1.ids.0"]);
});

const RECEIVER_PROBLEMS: readonly [ProblemKind, string][] = [
  ["not-found", "404 not-found"],
  ["too-many-requests", "429 too-many-requests"],
  ["unavailable", "503 unavailable"],
];

for (const [kind, expected] of RECEIVER_PROBLEMS) {
  Deno.test(`received answers with ${expected} and Retry-After if the receiver refuses the messages`, async () => {
    const problem = new Problem(kind, "because", { headers: { "retry-after": "1" } });
    const app = setUp({ config: DEVELOPMENT, receive: () => Promise.reject(problem) });
    const response = await post(app, REQUEST, { query: "?target=alexander" });
    assertEquals(response.headers.get("retry-after"), "1");
    await assertProblem(response, expected);
    assertEquals(app.reported, []);
  });
}

Deno.test("received answers 503 instead of 404 while the service stops, because it has closed the connection", async () => {
  const receive = () => Promise.reject(new Problem("not-found", "alexander has no such connection"));
  const app = setUp({ config: DEVELOPMENT, receive, isDraining: () => true });
  const response = await post(app, REQUEST, { query: "?target=alexander" });
  assertEquals(response.headers.get("retry-after"), "1");
  await assertProblem(response, "503 unavailable");
});

Deno.test("received lets allowed pages read the response, and post JSON with a token", async () => {
  const app = setUp();
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
