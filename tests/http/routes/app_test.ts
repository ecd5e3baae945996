/** createApp: the routes, and the problem documents for all other requests. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Problem } from "../../../src/wire/problem.ts";
import { assertProblem } from "../assert_problem.ts";
import { createTestApp, PUBLISHER_KEY, unexpected } from "../test_app.ts";

const PUBLISHING = {
  method: "POST",
  headers: { authorization: `Bearer ${PUBLISHER_KEY}` },
  body: '{"target":"alexander","data":1}',
};

const UNKNOWN = [
  "/v1",
  "/v1/",
  "/v1/notify/",
  "/v2/notify",
  "/V1/notify",
  "/healthz/x",
  "/%",
  "//",
  "/a.ico",
];

for (const path of UNKNOWN) {
  Deno.test(`createApp answers every method on the unknown route ${path} with a problem`, async () => {
    for (const method of ["GET", "POST", "DELETE", "OPTIONS"]) {
      const { detail } = await assertProblem(
        await createTestApp().app.request(path, { method }),
        "404 not-found",
      );
      assertMatch(detail, /is not a resource of this service$/);
    }
  });
}

/** Routes, each with its methods. */
const ROUTES: readonly [string, string[]][] = [
  ["/v1/notify", ["OPTIONS", "POST"]],
  ["/v1/connect", ["GET", "HEAD", "OPTIONS"]],
  ["/v1/events", ["GET", "HEAD", "OPTIONS"]],
  ["/v1/received", ["OPTIONS", "POST"]],
  ["/v1/notifications/%22", ["DELETE", "GET", "HEAD"]],
  ["/v1/targets/a%2Fb", ["DELETE", "GET", "HEAD"]],
  ["/v1/targets/%E2%82%AC/connections", ["DELETE"]],
  ["/v1/revocations", ["POST"]],
  ["/v1/tokens", ["POST"]],
  ["/v1/key", ["GET", "HEAD"]],
  ["/v1/push/key", ["GET", "HEAD", "OPTIONS"]],
  ["/v1/push/subscriptions", ["OPTIONS", "POST"]],
  ["/v1/push/subscriptions/a", ["DELETE", "OPTIONS"]],
  ["/v1/push/subscriptions/renew", ["DELETE", "OPTIONS", "POST"]],
  ["/v1/targets/a/push", ["GET", "HEAD"]],
  ["/healthz", ["GET", "HEAD"]],
  ["/readyz", ["GET", "HEAD"]],
  ["/", ["GET", "HEAD"]],
];
const METHODS = ["HEAD", "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"];

for (const [path, allowed] of ROUTES) {
  Deno.test(`createApp answers any method but ${allowed} on ${path} with a problem and Allow`, async () => {
    const { app } = createTestApp();
    for (const method of METHODS.filter((method) => !allowed.includes(method))) {
      const response = await app.request(path, { method });
      assertEquals(response.headers.get("allow"), allowed.join(", "), method);
      if (method === "HEAD") assertEquals([response.status, await response.text()], [405, ""]);
      else await assertProblem(response, "405 method-not-allowed");
    }
  });

  Deno.test(`createApp has routes on ${path} for ${allowed}`, async () => {
    const { app } = createTestApp();
    for (const method of allowed) {
      const { status } = await app.request(path, { method });
      assert(status !== 404 && status !== 405 && status !== 500, `${method}: ${status}`);
    }
  });
}

Deno.test("createApp answers HEAD of an unknown route without a body", async () => {
  const response = await createTestApp().app.request("/nothing", { method: "HEAD" });
  assertEquals([response.status, await response.text()], [404, ""]);
});

Deno.test("createApp serves the demo page on / only if it is enabled, and always the console", async () => {
  for (const demo of [true, false]) {
    const { app } = createTestApp({ config: { demo } });
    assertEquals((await app.request("/")).status, demo ? 200 : 404);
    assertStringIncludes(await (await app.request("/console")).text(), "<title>Tidings console");
  }
});

Deno.test("createApp takes a publisher key as the password of SNS on /v1/notify, and on no other route", async () => {
  const headers = {
    "authorization": `Basic ${btoa(`sns:${PUBLISHER_KEY}`)}`,
    "x-amz-sns-message-type": "Notification",
  };
  const statusOf = async (path: string, method: string) =>
    (await createTestApp().app.request(path, { method, headers })).status;
  assertEquals(await statusOf("/v1/notify", "POST"), 400, "there is no body, so it was read");
  for (
    const [path, method] of [
      ...[["/v1/publish", "GET"], ["/v1/notifications/a", "GET"], ["/v1/notifications/a", "DELETE"]],
      ...[["/v1/targets/a", "GET"], ["/v1/targets/a/notifications", "GET"], ["/v1/targets/a/read", "POST"]],
      ...[["/v1/targets/a/push", "GET"], ["/v1/targets/a/connections", "DELETE"], ["/v1/tokens", "POST"], [
        "/v1/key",
        "GET",
      ]],
      ...[["/metrics", "GET"], ["/console/events", "GET"]],
    ] as const
  ) assertEquals(await statusOf(path, method), 401, `${method} ${path}`);
});

Deno.test("createApp answers an unexpected error with a problem that reveals nothing, and reports it", async () => {
  const error = new Error("password=hunter2");
  const { app, reported } = createTestApp({
    intake: { mark: unexpected, accept: () => Promise.reject(error) },
  });
  const details = await assertProblem(await app.request("/v1/notify", PUBLISHING), "500 broken");
  assertEquals(details, { detail: "the error was logged" });
  assertEquals(reported, [error]);
});

/** Problems, and whether their cause is reported. */
const PROBLEMS: readonly [Problem, boolean][] = [
  [new Problem("unavailable", "no room", { headers: { "retry-after": "1" } }), false],
  [new Problem("unavailable", "no journal", { cause: new Error("disk") }), true],
  [new Problem("too-large", "no", { cause: new Error("as expected") }), false],
];

for (const [problem, isReported] of PROBLEMS) {
  const { kind, status, message, headers, cause } = problem;
  Deno.test(`createApp answers with the problem "${message}", and ${isReported ? "reports its cause" : "reports nothing"}`, async () => {
    const { app, reported } = createTestApp({
      intake: { mark: unexpected, accept: () => Promise.reject(problem) },
    });
    const response = await app.request("/v1/notify", PUBLISHING);
    for (const [name, value] of Object.entries(headers)) assertEquals(response.headers.get(name), value);
    assertEquals(await assertProblem(response, `${status} ${kind}`), { detail: message });
    assertEquals(reported, isReported ? [cause] : []);
  });
}

for (const path of ["/v1/notify", "/v1/tokens"]) {
  Deno.test(`createApp lets only publishers post to ${path}, and asks for a key`, async () => {
    for (const authorization of ["", "Bearer", "Bearer other", `Basic ${PUBLISHER_KEY}`]) {
      const response = await createTestApp().app.request(path, { ...PUBLISHING, headers: { authorization } });
      assertEquals(response.headers.get("www-authenticate"), "Bearer");
      await assertProblem(response, "401 not-authorized");
    }
  });

  Deno.test(`createApp does not read the body of a post to ${path} without a key`, async () => {
    const request = new Request(`http://tidings${path}`, { ...PUBLISHING, headers: {} });
    await assertProblem(await createTestApp().app.request(request), "401 not-authorized");
    assertEquals(request.bodyUsed, false);
  });
}

Deno.test("createApp lets everyone publish in development mode", async () => {
  const { app } = createTestApp({
    config: { development: true, publisherKeys: [] },
    intake: {
      mark: unexpected,
      accept: () => Promise.resolve([{ outcome: "kept", position: "p", expiresAt: 0 }]),
    },
  });
  for (const headers of [{}, PUBLISHING.headers]) {
    assertEquals((await app.request("/v1/notify", { ...PUBLISHING, headers })).status, 202);
  }
});
