/** The scopes of the routes for publishers: each asks for the one that OpenAPI names, before it does anything. */

import { assertEquals, assertNotEquals } from "@std/assert";
import { OPERATIONS } from "../../../src/reference/openapi.ts";
import type { Operation } from "../../../src/reference/operation.ts";
import { type Scope, SCOPES } from "../../../src/wire/principal.ts";
import { assertProblem } from "../assert_problem.ts";
import { bearer } from "../auth/signed_token.ts";
import { createTestApp, DEVELOPMENT, keyOf, type TestAppOptions } from "../test_app.ts";

/** Each method and path for publishers, with its scope. OpenAPI does not have the routes of pages. */
const ROUTES: readonly (readonly [string, string, Scope | null])[] = [
  ...Object.values(OPERATIONS).flat<readonly (readonly Operation[])[]>()
    .filter(({ caller }) => caller === "publisher")
    .map(({ method, path, scope = null }) => [method.toUpperCase(), path, scope] as const),
  ["GET", "/console/events", "read"],
];

/** Sends a request with a key that has these scopes, and nothing but that. */
function requestWith(
  scopes: readonly Scope[],
  { method, path, ...options }: { method: string; path: string } & TestAppOptions,
): Promise<Response> {
  const { app } = createTestApp({
    ...options,
    config: { publisherKeys: [keyOf("some", "some-key", scopes)] },
  });
  return Promise.resolve(app.request(path.replace(/\{\w+\}/, "a"), { method, headers: bearer("some-key") }));
}

Deno.test("createApp has routes for publishers with each scope", () => {
  assertEquals(new Set(ROUTES.map(([, , scope]) => scope)), new Set([null, ...SCOPES]));
});

for (const [method, path, scope] of ROUTES) {
  if (scope === null) continue;
  const others = SCOPES.filter((one) => one !== scope);

  Deno.test(`createApp asks for the scope ${scope} on ${method} ${path}, and for nothing else`, async () => {
    const response = await requestWith(others, { method, path });
    assertEquals(
      response.headers.get("www-authenticate"),
      `Bearer error="insufficient_scope", scope="${scope}"`,
    );
    const { detail } = await assertProblem(response, "403 missing-scope");
    assertEquals(detail, `the key some lacks the scope ${scope}: it has ${others.join(" and ")}`);
    const isDraining = () => true; // so that no stream is opened
    const answer = await requestWith([scope], { method, path, isDraining });
    await answer.body?.cancel();
    assertNotEquals(answer.status, 401);
    assertNotEquals(answer.status, 403);
  });
}

Deno.test("createApp does not read the body of a post for which the scope is missing", async () => {
  const { app } = createTestApp({ config: { publisherKeys: [keyOf("some", "some-key", ["read"])] } });
  for (const path of ["/v1/notify", "/v1/tokens", "/v1/targets/a/read"]) {
    const body = '{"target":"alexander","data":1}';
    const request = new Request(`http://tidings${path}`, {
      method: "POST",
      headers: bearer("some-key"),
      body,
    });
    await assertProblem(await app.request(request), "403 missing-scope");
    assertEquals(request.bodyUsed, false);
  }
});

Deno.test("createApp logs refusals with the name of the key, whatever they are for, and none without a known key", async () => {
  const logged: unknown[] = [],
    refusals: TestAppOptions["refusals"] = {
      request: ({ kind }, { key }) => void logged.push([kind, key]),
    };
  const { app } = createTestApp({
    refusals,
    config: { publisherKeys: [keyOf("billing", "some-key", ["publish"]), keyOf("key-1", "other-key")] },
  });
  const post = { method: "POST", body: "{" };
  await app.request("/metrics", { headers: bearer("some-key") });
  await app.request("/v1/notify", { ...post, headers: bearer("some-key") });
  await app.request("/v1/notify", { ...post, headers: bearer("other-key") });
  await app.request("/v1/notify", {
    ...post,
    headers: { authorization: `Basic ${btoa("sns:some-key")}`, "x-amz-sns-message-type": "Notification" },
  });
  await app.request("/v1/publish", {
    headers: { "sec-websocket-protocol": `tidings.key.${btoa("some-key").replaceAll("=", "")}` },
  });
  await app.request("/v1/notify", { ...post, headers: bearer("unknown") });
  await app.request("/v1/notify", post);
  assertEquals(logged, [
    ["missing-scope", "billing"],
    ["not-json", "billing"],
    ["not-json", "key-1"],
    ["not-json", "billing"],
    ["bad-request", "billing"],
    ["not-authorized", undefined],
    ["not-authorized", undefined],
  ]);
});

Deno.test("ownKey answers with the name and the scopes of any key, and never with the key", async () => {
  for (const scopes of [["read"], ["publish", "admin"], SCOPES] as const) {
    const response = await requestWith(scopes, { method: "GET", path: "/v1/key" });
    assertEquals([response.status, await response.json()], [200, { name: "some", scopes }]);
  }
  await assertProblem(await createTestApp().app.request("/v1/key"), "401 not-authorized");
});

Deno.test("ownKey answers in development mode that everyone may do everything", async () => {
  const { app } = createTestApp({ config: DEVELOPMENT });
  const response = await app.request("http://localhost/v1/key");
  assertEquals(await response.json(), { name: "anyone", scopes: SCOPES });
});
