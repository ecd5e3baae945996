/** requireNewSubscriber and preflight: which tokens and which pages may connect, on `GET /v1/connect`. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { assertProblem } from "../assert_problem.ts";
import { ALLOWED_ORIGIN, CONFIG, createTestApp, DEVELOPMENT, type TestApp } from "../test_app.ts";
import { IdentityProvider } from "./identity_provider.ts";
import { bearer, secondsFromNow, signedToken, unsignedToken } from "./signed_token.ts";

/** Sends a request without an upgrade, which is answered with 426 if it is admitted. */
async function connect(
  { app }: TestApp,
  path: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  const url = `http://${headers.host ?? "localhost"}/v1/connect${path}`; // as the server makes it
  return await app.request(url, { headers });
}

const REFUSED_TOKENS: readonly [string, () => string | Promise<string>][] = [
  ["no token", () => ""],
  ["an expired token", () => signedToken({ sub: "alexander", exp: secondsFromNow(-60), aud: "tidings" })],
  [
    "a token that is not valid yet",
    () => signedToken({ sub: "alexander", nbf: secondsFromNow(60), aud: "tidings" }),
  ],
  ["an unsigned token (alg: none)", () => unsignedToken({ sub: "alexander", aud: "tidings" })],
  [
    "a wrongly signed token",
    () => signedToken({ sub: "alexander", aud: "tidings" }, { secret: "x".repeat(32) }),
  ],
  ["a token for another audience", () => signedToken({ sub: "alexander", aud: "mail" })],
  ["a token without a target", () => signedToken({ aud: "tidings" })],
];

for (const [what, token] of REFUSED_TOKENS) {
  Deno.test(`requireNewSubscriber refuses ${what} in the header, a subprotocol, the cookie and the query`, async () => {
    const app = createTestApp({ config: { tokens: { ...CONFIG.tokens, audience: "tidings" } } });
    const jwt = await token();
    const protocols = `tidings.v1${jwt === "" ? "" : `, tidings.bearer.${jwt}`}`;
    const requests: [string, Record<string, string>][] = [
      ["", bearer(jwt)],
      ["", { "sec-websocket-protocol": protocols }],
      ["", { cookie: `tidings_token=${jwt}`, origin: ALLOWED_ORIGIN }],
      [`?access_token=${jwt}`, {}],
    ];
    for (const [path, headers] of requests) {
      const response = await connect(app, path, headers);
      assertMatch(response.headers.get("www-authenticate") ?? "", /^Bearer/);
      await assertProblem(response, "401 not-authorized");
    }
    assertEquals(app.reported, [], "an invalid token is not an error of the server");
  });
}

Deno.test("requireNewSubscriber accepts the token in the header, a subprotocol, the cookie or the query", async () => {
  const jwt = await signedToken({ sub: "alexander", exp: secondsFromNow(60) });
  const requests: [string, Record<string, string>][] = [
    ["", bearer(jwt)],
    ["", { "sec-websocket-protocol": `tidings.v1, tidings.bearer.${jwt}` }],
    ["", { "sec-websocket-protocol": `tidings.bearer.${jwt},tidings.v1` }],
    ["", { cookie: `tidings_token=${jwt}`, origin: ALLOWED_ORIGIN }],
    [`?access_token=${jwt}`, {}],
  ];
  for (const [path, headers] of requests) {
    await assertProblem(await connect(createTestApp(), path, headers), "426 upgrade-required");
  }
});

Deno.test("requireNewSubscriber accepts a cookie only from an allowed page", async () => {
  const cookie = `tidings_token=${await signedToken({ sub: "alexander" })}`;
  const others = [{ cookie }, { cookie, origin: "https://evil.example" }, { cookie, origin: "null" }];
  for (const headers of others) {
    await assertProblem(await connect(createTestApp(), "", headers), "403 origin-not-allowed");
  }
});

Deno.test("requireNewSubscriber accepts a cookie without Origin from a page of its own host, if that is allowed", async () => {
  const cookie = `tidings_token=${await signedToken({ sub: "alexander" })}`;
  const own = { cookie, host: "push.example:8000", "sec-fetch-site": "same-origin" };
  const allowed = "426 upgrade-required", refused = "403 origin-not-allowed";
  const cases: [string[] | null, Record<string, string>, string][] = [
    [null, own, allowed],
    [["http://push.example:8000"], own, allowed],
    [["https://push.example:8000"], own, allowed],
    [[ALLOWED_ORIGIN], own, refused],
    [null, { ...own, "sec-fetch-site": "same-site" }, refused],
    [null, { ...own, "sec-fetch-site": "none" }, refused],
    [null, { ...own, origin: "https://evil.example" }, refused],
  ];
  for (const [allowedOrigins, headers, expected] of cases) {
    await assertProblem(await connect(createTestApp({ config: { allowedOrigins } }), "", headers), expected);
  }
});

Deno.test("requireNewSubscriber requires no Origin with a token outside the cookie", async () => {
  const jwt = await signedToken({ sub: "alexander" });
  const withCookie = { ...bearer(jwt), cookie: `tidings_token=${jwt}` };
  for (const headers of [bearer(jwt), withCookie]) {
    await assertProblem(await connect(createTestApp(), "", headers), "426 upgrade-required");
  }
});

Deno.test("requireNewSubscriber accepts a token in the query only with a lifetime of at most 5 minutes", async () => {
  const iat = secondsFromNow(0);
  const lifetimes: [number | null, string][] = [
    [300, "426 upgrade-required"],
    [301, "401 not-authorized"],
    [null, "401 not-authorized"],
  ];
  for (const [lifetime, expected] of lifetimes) {
    const jwt = await signedToken({
      sub: "alexander",
      iat,
      ...(lifetime !== null && { exp: iat + lifetime }),
    });
    await assertProblem(await connect(createTestApp(), `?access_token=${jwt}`), expected);
    await assertProblem(await connect(createTestApp(), "", bearer(jwt)), "426 upgrade-required");
  }
});

Deno.test("requireNewSubscriber refuses a token for another target than ?target=", async () => {
  const headers = bearer(await signedToken({ sub: "alexander" }));
  await assertProblem(await connect(createTestApp(), "?target=burr", headers), "400 bad-request");
  await assertProblem(await connect(createTestApp(), "?target=alexander", headers), "426 upgrade-required");
});

Deno.test("requireNewSubscriber requires a token outside development mode, even with ?target=", async () => {
  await assertProblem(await connect(createTestApp(), "?target=alexander"), "401 not-authorized");
});

Deno.test("requireNewSubscriber in development mode accepts ?target=, but no invalid token", async () => {
  const app = createTestApp({ config: DEVELOPMENT });
  await assertProblem(await connect(app, "?target=alexander"), "426 upgrade-required");
  await assertProblem(await connect(app, "?target=alexander", bearer("forged")), "401 not-authorized");
  const headers = bearer(await signedToken({ sub: "alexander" }));
  await assertProblem(await connect(app, "", headers), "426 upgrade-required");
});

Deno.test("requireNewSubscriber refuses an invalid target", async () => {
  for (const query of ["", "?target=", "?target=..", "?target=%00", `?target=${"a".repeat(257)}`]) {
    const { detail } = await assertProblem(
      await connect(createTestApp({ config: DEVELOPMENT }), query),
      "400 bad-request",
    );
    assertMatch(detail, /^target: /);
  }
});

Deno.test("requireNewSubscriber admits only pages of its own host if no origins are configured", async () => {
  const app = createTestApp({ config: { allowedOrigins: null } });
  const headers = { host: "localhost:8000", ...bearer(await signedToken({ sub: "alexander" })) };
  for (const origin of ["http://localhost:8000", "https://localhost:8000"]) {
    await assertProblem(await connect(app, "", { ...headers, origin }), "426 upgrade-required");
  }
  for (const origin of ["http://localhost:3000", "http://127.0.0.1:8000", "null", "https://evil.example"]) {
    const { detail } = await assertProblem(
      await connect(app, "", { ...headers, origin }),
      "403 origin-not-allowed",
    );
    assertStringIncludes(detail, `${origin} is not allowed`);
    assertStringIncludes(detail, "TIDINGS_ALLOWED_ORIGINS");
  }
});

/** What proxies write into X-Forwarded-Proto, and the schemes that a page of the same host may have. */
const FORWARDED_SCHEMES: readonly [string, string[]][] = [
  ["https", ["https"]],
  ["HTTPS, http", ["https"]],
  ["wss", ["https"]],
  ["http", ["http"]],
  ["ws", ["http"]],
  ["", ["http", "https"]],
  ["quic", ["http", "https"]],
];

for (const [proto, schemes] of FORWARDED_SCHEMES) {
  Deno.test(`requireNewSubscriber admits pages of its own host with the scheme of X-Forwarded-Proto: ${proto}`, async () => {
    const app = createTestApp({ config: { allowedOrigins: null } });
    const token = bearer(await signedToken({ sub: "alexander" }));
    for (const scheme of ["http", "https"]) {
      const headers = {
        ...token,
        host: "push.example",
        origin: `${scheme}://push.example`,
        "x-forwarded-proto": proto,
      };
      const response = await connect(app, "", headers);
      const isAllowed = schemes.includes(scheme);
      assertEquals(corsHeaders(response)[0], isAllowed ? headers.origin : null);
      await assertProblem(response, isAllowed ? "426 upgrade-required" : "403 origin-not-allowed");
    }
  });
}

Deno.test("requireNewSubscriber lets a listed app connect and read the response, and takes no cookie from null", async () => {
  const origins = ["capacitor://localhost", "null"];
  const app = createTestApp({ config: { allowedOrigins: origins } });
  const jwt = await signedToken({ sub: "alexander" });
  for (const origin of origins) {
    const response = await connect(app, "", { ...bearer(jwt), origin });
    assertEquals(corsHeaders(response), [origin, "true"]);
    await assertProblem(response, "426 upgrade-required");
  }
  const cookie = `tidings_token=${jwt}`;
  await assertProblem(
    await connect(app, "", { cookie, origin: "capacitor://localhost" }),
    "426 upgrade-required",
  );
  const { detail } = await assertProblem(
    await connect(app, "", { cookie, origin: "null" }),
    "403 origin-not-allowed",
  );
  assertStringIncludes(detail, "cookie");
});

Deno.test("requireNewSubscriber answers 503 while memory is short", async () => {
  const app = createTestApp({ isShortOfMemory: () => true });
  const response = await connect(app, "", bearer(await signedToken({ sub: "alexander" })));
  assertEquals(response.headers.get("retry-after"), "5");
  await assertProblem(response, "503 unavailable");
});

/** The CORS headers that let a page read the response. */
function corsHeaders(response: Response): (string | null)[] {
  return ["allow-origin", "allow-credentials"].map((name) => response.headers.get(`access-control-${name}`));
}

Deno.test("requireNewSubscriber lets only allowed pages read why they were refused", async () => {
  const jwt = await signedToken({ sub: "alexander" });
  const refusals: [string, TestApp, Record<string, string>][] = [
    ["503 unavailable", createTestApp({ isDraining: () => true }), {}],
    ["401 not-authorized", createTestApp(), {}],
    ["400 bad-request", createTestApp(), { ...bearer(jwt), "sec-websocket-protocol": "chat" }],
    ["426 upgrade-required", createTestApp(), bearer(jwt)],
  ];
  for (const [refusal, app, headers] of refusals) {
    const response = await connect(app, "", { ...headers, origin: ALLOWED_ORIGIN });
    assertEquals([...corsHeaders(response), response.headers.get("vary")], [
      ALLOWED_ORIGIN,
      "true",
      "origin",
    ]);
    assertEquals(response.headers.get("access-control-expose-headers"), "retry-after");
    await assertProblem(response, refusal);
    const other = await connect(app, "", { ...headers, origin: "https://evil.example" });
    assertEquals(corsHeaders(other), [null, null]);
    await other.body?.cancel();
  }
});

Deno.test("preflight lets only allowed pages send a token", async () => {
  const { app } = createTestApp({ isDraining: () => true });
  async function preflight(headers: Record<string, string>): Promise<Response> {
    return await app.request("/v1/connect", { method: "OPTIONS", headers });
  }
  const response = await preflight({
    origin: ALLOWED_ORIGIN,
    "access-control-request-headers": "authorization",
  });
  assertEquals([response.status, await response.text()], [204, ""]);
  assertEquals(corsHeaders(response), [ALLOWED_ORIGIN, "true"]);
  assertEquals(response.headers.get("access-control-allow-headers"), "authorization");
  assertEquals(response.headers.get("access-control-max-age"), "600");
  const other = await preflight({ origin: "https://evil.example" });
  assertEquals(corsHeaders(other), [null, null]);
  await assertProblem(other, "403 origin-not-allowed");
});

Deno.test("requireNewSubscriber answers 503 while the key set is unavailable, and reports the error", async () => {
  await using keys = new IdentityProvider({ answer: () => new Response("no", { status: 500 }) });
  await keys.add("key", "ES256");
  const app = createTestApp({ config: { tokens: { ...CONFIG.tokens, jwksUrl: keys.url } } });
  const response = await connect(app, "", bearer(await keys.sign("key", { sub: "alexander" })));
  assertEquals(response.headers.get("retry-after"), "5");
  await assertProblem(response, "503 unavailable");
  assertEquals(app.reported.length, 1);
});
