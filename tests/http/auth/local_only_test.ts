/** requireLocal: what development mode refuses on every route, and what it serves. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { requireLocal } from "../../../src/http/auth/local_only.ts";
import { originRule } from "../../../src/http/auth/origin.ts";
import { checkFirst } from "../../../src/http/check_first.ts";
import { assertProblem } from "../assert_problem.ts";
import { createTestApp, DEVELOPMENT } from "../test_app.ts";

type Headers = Record<string, string>;

const LOCAL = { host: "localhost:8000" };
const isOriginAllowed = originRule({ development: true, allowedOrigins: ["app://listed"] });

/** Checks a request before an app that answers 200. */
async function request(method: string, headers: Headers): Promise<Response> {
  const fetch = checkFirst(() => new Response(), {
    check: requireLocal({ isOriginAllowed }),
    refuse: (error) => new Response(String(error), { status: 403 }),
  });
  const { host = "localhost:8000" } = headers; // a real server builds the URL from it
  return await fetch(new Request(`http://${host}/`, { method, headers }));
}

async function assertServed(method: string, headers: Headers): Promise<void> {
  const response = await request(method, { ...LOCAL, ...headers });
  assertEquals(response.status, 200, `${method} ${JSON.stringify(headers)} ${await response.text()}`);
}

async function assertRefused(method: string, headers: Headers): Promise<void> {
  const response = await request(method, { ...LOCAL, ...headers });
  assertEquals(response.status, 403, `${method} ${JSON.stringify(headers)}`);
  await response.body?.cancel();
}

Deno.test("requireLocal serves the names and addresses of this machine, and no other host", async () => {
  for (
    const host of ["localhost", "LocalHost:8000", "127.0.0.1:8000", "127.8.8.8", "[::1]:8000", "a.localhost"]
  ) {
    await assertServed("GET", { host });
  }
  const foreign = [
    "evil.example",
    "evil.example:8000",
    "192.168.0.2:8000",
    "[::2]:8000",
    "localhost.evil.example",
  ];
  for (const host of [...foreign, "127.0.0.1.evil.example:8000", "0.0.0.0:8000"]) {
    for (const method of ["GET", "HEAD", "POST", "DELETE", "OPTIONS"]) await assertRefused(method, { host });
  }
});

/** Headers of proxies, and whether they say that the request is from this machine. */
const FORWARDED: readonly [Headers, boolean][] = [
  [{ "x-forwarded-for": "127.0.0.1" }, true],
  [{ "x-forwarded-for": "::1, 127.0.0.1:4711, ::ffff:127.0.0.1" }, true],
  [{ "x-forwarded-for": "::1", "x-forwarded-host": "localhost:3000", "x-forwarded-proto": "https" }, true],
  [{ "x-forwarded-port": "3000", "x-forwarded-proto": "http" }, true],
  [{ forwarded: 'for="[::1]:4711";proto=http;host=localhost:3000, for=127.0.0.1' }, true],
  [{ "x-forwarded-for": "203.0.113.9" }, false],
  [{ "x-forwarded-for": "127.0.0.1, 203.0.113.9" }, false],
  [{ "x-forwarded-for": "203.0.113.9, 127.0.0.1" }, false],
  [{ "x-forwarded-for": "unknown" }, false],
  [{ "x-forwarded-for": "" }, false],
  [{ "x-forwarded-for": "127.0.0.1", "x-forwarded-host": "push.example.com" }, false],
  [{ "x-real-ip": "203.0.113.9" }, false],
  [{ forwarded: "for=203.0.113.9" }, false],
  [{ forwarded: "for = 203.0.113.9;host=localhost" }, false],
  [{ forwarded: "for=127.0.0.1;host=push.example.com" }, false],
  [{ forwarded: "for=127.0.0.1, for=203.0.113.9" }, false],
  [{ forwarded: "proto=https" }, false],
];

for (const [headers, isLocal] of FORWARDED) {
  Deno.test(`requireLocal ${isLocal ? "serves" : "refuses"} a proxy that sends ${JSON.stringify(headers)}`, async () => {
    for (const method of ["GET", "POST"]) await (isLocal ? assertServed : assertRefused)(method, headers);
  });
}

Deno.test("requireLocal lets pages of this machine and listed pages write, and no other page", async () => {
  const own = ["http://localhost:8000", "http://127.0.0.1:5173", "https://app.localhost", "app://listed"];
  for (const method of ["POST", "DELETE", "PUT"]) {
    await assertServed(method, {});
    for (const origin of own) {
      await assertServed(method, { origin });
      await assertServed(method, { origin, "sec-fetch-site": "cross-site" }); // from localhost to 127.0.0.1
    }
    for (
      const origin of ["https://evil.example", "null", "app://other", "http://localhost.evil.example", ""]
    ) {
      await assertRefused(method, { origin });
    }
    await assertRefused(method, { "sec-fetch-site": "cross-site" });
    await assertRefused(method, { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" });
    await assertServed(method, { "sec-fetch-site": "same-origin" });
  }
});

Deno.test("requireLocal serves links from other sites and requests with an Origin, and nothing else that other sites load", async () => {
  const site = { "sec-fetch-site": "cross-site" };
  await assertServed("GET", { ...site, "sec-fetch-mode": "navigate" });
  await assertServed("GET", { ...site, origin: "https://evil.example", "sec-fetch-mode": "cors" });
  await assertRefused("GET", { ...site, "sec-fetch-mode": "no-cors" });
  await assertRefused("HEAD", { ...site, "sec-fetch-mode": "no-cors" });
});

const ROUTES: readonly [string, string][] = [
  ["POST", "/v1/notify"],
  ["GET", "/v1/notifications/1"],
  ["GET", "/v1/targets/alexander"],
  ["GET", "/v1/targets/alexander/notifications"],
  ["DELETE", "/v1/targets/alexander/connections"],
  ["POST", "/v1/tokens"],
  ["GET", "/v1/connect?target=alexander"],
  ["GET", "/v1/events?target=alexander"],
  ["POST", "/v1/received?target=alexander"],
  ["OPTIONS", "/v1/received"],
  ["GET", "/metrics"],
  ["GET", "/console"],
  ["GET", "/console/events"],
  ["GET", "/client.js"],
  ["GET", "/inbox.js"],
  ["GET", "/bell.js"],
  ["GET", "/push.js"],
  ["GET", "/push_worker.js"],
  ["GET", "/tab_election.js"],
  ["GET", "/openapi.json"],
  ["GET", "/healthz"],
  ["GET", "/readyz"],
  ["GET", "/"],
  ["GET", "/unknown"],
];

for (const [method, path] of ROUTES) {
  Deno.test(`createApp refuses ${method} ${path} of a foreign host in development mode, before anything else`, async () => {
    const { app } = createTestApp({ config: DEVELOPMENT, isDraining: () => true });
    const response = await app.request(`http://evil.example:8000${path}`, {
      method,
      headers: { host: "evil.example:8000", origin: "http://evil.example:8000" },
    });
    assertEquals(response.headers.get("access-control-allow-origin"), null);
    const { detail } = await assertProblem(response, "403 not-local");
    assertStringIncludes(detail, "TIDINGS_PUBLISHER_KEYS");
  });
}

Deno.test("createApp serves every host and proxy outside development mode", async () => {
  const headers = { host: "push.example", "x-forwarded-for": "203.0.113.9", forwarded: "for=203.0.113.9" };
  assertEquals((await createTestApp().app.request("http://push.example/healthz", { headers })).status, 200);
});
