/** The routes of Web Push: who may subscribe a browser, which subscriptions are valid, and what publishers see. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { BrowserSubscription } from "../../../src/wire/push_subscription.ts";
import { assertProblem } from "../assert_problem.ts";
import { bearer, signedToken } from "../auth/signed_token.ts";
import { ALLOWED_ORIGIN, createTestApp, DEVELOPMENT, PUBLISHER_KEY, type TestApp } from "../test_app.ts";
import { browserSubscription, createPushApp, PUBLIC_KEY } from "./push_app.ts";

const PATH = "/v1/push/subscriptions";
const PUBLISHER = bearer(PUBLISHER_KEY);

interface RequestOptions {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

async function request({ app }: TestApp, path: string, options: RequestOptions = {}): Promise<Response> {
  const { method = "POST", headers = {}, body } = options;
  if (body === undefined) return await app.request(path, { method, headers });
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const length = `${new TextEncoder().encode(text).length}`; // as browsers send it
  return await app.request(path, { method, headers: { ...headers, "content-length": length }, body: text });
}

async function tokenOf(target: string): Promise<{ authorization: string }> {
  return bearer(await signedToken({ sub: target }));
}

Deno.test("pushKey gives everyone the public key, and lets pages of allowed origins read it", async () => {
  const response = await request(createPushApp(), "/v1/push/key", {
    method: "GET",
    headers: { origin: ALLOWED_ORIGIN },
  });
  assertEquals([response.status, await response.json()], [200, { key: PUBLIC_KEY }]);
  assertEquals(response.headers.get("access-control-allow-origin"), ALLOWED_ORIGIN);
});

Deno.test("The routes of Web Push answer 501 and name the variables if it is not configured", async () => {
  const app = createTestApp(), token = await tokenOf("alexander"), body = browserSubscription();
  const answers = await Promise.all([
    request(app, "/v1/push/key", { method: "GET" }),
    request(app, PATH, { headers: token, body }),
    request(app, `${PATH}/a`, { method: "DELETE", headers: token }),
    request(app, `${PATH}/renew`, { body: { old: {}, subscription: body } }),
    request(app, "/v1/targets/alexander/push", { method: "GET", headers: PUBLISHER }),
  ]);
  for (const answer of answers) {
    const { detail } = await assertProblem(answer, "501 not-here");
    assertMatch(detail, /TIDINGS_VAPID_PRIVATE_KEY and TIDINGS_VAPID_SUBJECT/);
  }
});

Deno.test("subscribe stores what toJSON() of a subscription gives, for the target of the token and the page's origin", async () => {
  const app = createPushApp(), { endpoint, keys } = browserSubscription();
  const headers = { ...await tokenOf("alexander"), origin: ALLOWED_ORIGIN };
  const response = await request(app, PATH, { headers, body: { endpoint, expirationTime: null, keys } });
  const { id } = await response.json();
  assertEquals([response.status, response.headers.get("access-control-allow-origin")], [201, ALLOWED_ORIGIN]);
  assertEquals(app.subscriptions.all, [{
    id,
    target: "alexander",
    origin: ALLOWED_ORIGIN,
    endpoint,
    ...keys,
  }]);
});

Deno.test("subscribe stores no origin if there is none, or if it is that of a sandboxed page", async () => {
  const app = createPushApp({ config: { allowedOrigins: ["null"] } }), token = await tokenOf("alexander");
  for (const headers of [token, { ...token, origin: "null" }]) {
    assertEquals((await request(app, PATH, { headers, body: browserSubscription() })).status, 201);
    assertEquals(app.subscriptions.all.map(({ origin }) => origin), [null]);
  }
});

Deno.test("subscribe accepts ?target= without a token in development mode only", async () => {
  const options = { body: browserSubscription() }, app = createPushApp({ config: DEVELOPMENT });
  assertEquals((await request(app, `${PATH}?target=alexander`, options)).status, 201);
  assertEquals(app.subscriptions.all.map(({ target }) => target), ["alexander"]);
  await assertProblem(
    await request(createPushApp(), `${PATH}?target=alexander`, options),
    "401 not-authorized",
  );
});

Deno.test("subscribe refuses pages of other origins, and stores nothing", async () => {
  const app = createPushApp(), token = await tokenOf("alexander");
  for (const origin of ["https://evil.example", "null"]) {
    const response = await request(app, PATH, { headers: { ...token, origin }, body: browserSubscription() });
    await assertProblem(response, "403 origin-not-allowed");
  }
  assertEquals(app.subscriptions.all, []);
});

const VALID = browserSubscription(), { endpoint, keys } = VALID;

/** A point whose last byte was changed. There are two points at most for the first half, so it is not on the curve. */
function notOnTheCurve(): string {
  const bytes = Uint8Array.fromBase64(keys.p256dh, { alphabet: "base64url" });
  bytes[64] = (bytes[64] ?? 0) ^ 1;
  return base64url(bytes);
}

function base64url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

/** Each with its description, the body, the problem, and the path of the first violation. */
const REFUSED: readonly [string, unknown, string, string?][] = [
  ["what is not JSON", "{", "400 not-json"],
  ["a body over 8 KiB", `${JSON.stringify(VALID)}${" ".repeat(8_192)}`, "413 too-large"],
  ["an array", [VALID], "422 does-not-fit", ""],
  ["null", null, "422 does-not-fit", ""],
  ["no keys", { endpoint }, "422 does-not-fit", "keys"],
  ["no secret", { endpoint, keys: { p256dh: keys.p256dh } }, "422 does-not-fit", "keys.auth"],
  ["an extra field", { ...VALID, target: "burr" }, "422 does-not-fit", ""],
  ["an extra key", { endpoint, keys: { ...keys, id: "" } }, "422 does-not-fit", "keys"],
  ["an endpoint that is no URL", { ...VALID, endpoint: "fcm" }, "422 does-not-fit", "endpoint"],
  [
    "an endpoint of 2,049 characters",
    {
      ...VALID,
      endpoint: endpoint.padEnd(2_049, "a"),
    },
    "422 does-not-fit",
    "endpoint",
  ],
  [
    "a secret of 15 bytes",
    {
      endpoint,
      keys: { ...keys, auth: base64url(new Uint8Array(15)) },
    },
    "422 does-not-fit",
    "keys.auth",
  ],
  [
    "a secret of 17 bytes",
    {
      endpoint,
      keys: { ...keys, auth: base64url(new Uint8Array(17)) },
    },
    "422 does-not-fit",
    "keys.auth",
  ],
  [
    "a secret in base64 with padding",
    {
      endpoint,
      keys: { ...keys, auth: `${keys.auth}==` },
    },
    "422 does-not-fit",
    "keys.auth",
  ],
  [
    "a secret with bits to spare",
    {
      endpoint,
      keys: { ...keys, auth: `${"A".repeat(21)}B` },
    },
    "422 does-not-fit",
    "keys.auth",
  ],
  [
    "a compressed key",
    {
      endpoint,
      keys: { ...keys, p256dh: compressed(keys.p256dh) },
    },
    "422 does-not-fit",
    "keys.p256dh",
  ],
  [
    "a key of 64 bytes",
    {
      endpoint,
      keys: { ...keys, p256dh: keys.p256dh.slice(0, -1) },
    },
    "422 does-not-fit",
    "keys.p256dh",
  ],
  [
    "a key that is no point of the curve",
    {
      endpoint,
      keys: { ...keys, p256dh: notOnTheCurve() },
    },
    "422 does-not-fit",
    "keys.p256dh",
  ],
  [
    "a key of zeros",
    {
      endpoint,
      keys: { ...keys, p256dh: `BA${"A".repeat(85)}` },
    },
    "422 does-not-fit",
    "keys.p256dh",
  ],
];

function compressed(p256dh: string): string {
  const point = Uint8Array.fromBase64(p256dh, { alphabet: "base64url" });
  return base64url(Uint8Array.of(2 + (point[64] ?? 0) % 2, ...point.slice(1, 33)));
}

for (const [what, body, problem, path] of REFUSED) {
  Deno.test(`subscribe refuses ${what} with ${problem}, and stores nothing`, async () => {
    const app = createPushApp();
    const response = await request(app, PATH, { headers: await tokenOf("alexander"), body });
    const { errors } = await assertProblem(response, problem);
    assertEquals(errors?.[0]?.path, path);
    assertEquals(app.subscriptions.all, []);
  });
}

/** What would lead the service to other places than push services. */
const FOREIGN = [
  ...["https://169.254.169.254/latest/meta-data", "http://169.254.169.254/latest/meta-data"],
  ...["http://fcm.googleapis.com/fcm/send/1", "https://user:word@fcm.googleapis.com/fcm/send/1"],
  ...["https://fcm.googleapis.com@evil.example/1", "https://fcm.googleapis.com.evil.example/1"],
  ...["https://evil.example/fcm.googleapis.com", "https://evilfcm.googleapis.com/1"],
  ...["https://[::1]/1", "https://127.0.0.1/1", "https://2130706433/1", "https://localhost/1"],
  ...[
    "http://localhost:9/1",
    "file:///etc/passwd",
    "data:text/plain,1",
    "javascript:1",
    "//fcm.googleapis.com/1",
  ],
];

for (const url of FOREIGN) {
  Deno.test(`subscribe and renewSubscription refuse an endpoint at ${url}, and store nothing`, async () => {
    const app = createPushApp(), subscription = browserSubscription(url);
    const headers = await tokenOf("alexander");
    const answer = await assertProblem(
      await request(app, PATH, { headers, body: subscription }),
      "422 does-not-fit",
    );
    assertEquals(answer.errors?.map(({ path }) => path), ["endpoint"]);
    await request(app, PATH, { headers, body: VALID });
    const body = { old: { endpoint, auth: keys.auth }, subscription };
    const renewal = await assertProblem(await request(app, `${PATH}/renew`, { body }), "422 does-not-fit");
    assertEquals(renewal.errors?.map(({ path }) => path), ["subscription.endpoint"]);
    assertEquals(app.subscriptions.all.map((one) => one.endpoint), [endpoint]);
  });
}

Deno.test("subscribe accepts the push services of the vendors and of the configuration", async () => {
  const app = createPushApp(), headers = await tokenOf("alexander");
  const urls = [
    "https://fcm.googleapis.com/fcm/send/1",
    "https://updates.push.services.mozilla.com/wpush/v2/1",
  ];
  for (
    const url of [
      ...urls,
      "https://wns2-by3p.notify.windows.com/w/?token=1",
      "https://web.push.apple.com/1",
      "https://push.treasury.example/1",
    ]
  ) assertEquals((await request(app, PATH, { headers, body: browserSubscription(url) })).status, 201, url);
});

Deno.test("subscribe accepts push services of this machine in development mode, but not the node itself", async () => {
  const app = createPushApp({ config: DEVELOPMENT });
  const post = (url: string) =>
    request(app, `http://localhost:8000${PATH}?target=alexander`, {
      headers: { host: "localhost:8000" },
      body: browserSubscription(url),
    });
  for (const url of ["http://localhost:9000/1", "http://127.0.0.1:9000/2"]) {
    assertEquals((await post(url)).status, 201, url);
  }
  for (
    const url of [
      "http://localhost:8000/v1/notify",
      "http://127.0.0.1:8000/v1/notify",
      "http://10.0.0.1:9000/",
    ]
  ) {
    await assertProblem(await post(url), "422 does-not-fit");
  }
});

Deno.test("subscribe bounds what is being stored for a target, so that 10,000 subscriptions at once harm no other", async () => {
  const app = createPushApp({ config: DEVELOPMENT }), stored = Promise.withResolvers<void>();
  app.subscriptions.gate = stored.promise;
  const post = (target: string, n: number) =>
    request(app, `${PATH}?target=${target}`, { body: { ...VALID, endpoint: `${endpoint}-${n}` } });
  const flood = Array.from({ length: 10_000 }, (_, n) => post("alexander", n));
  const other = post("burr", 10_000);
  const refused = await Promise.all(flood.slice(16));
  assertEquals(new Set(refused.map(({ status }) => status)), new Set([429]));
  for (const { headers } of refused) assertEquals(headers.get("retry-after"), "1");
  stored.resolve();
  const accepted = await Promise.all([...flood.slice(0, 16), other]);
  assertEquals(new Set(accepted.map(({ status }) => status)), new Set([201]));
  assertEquals((await post("alexander", 10_001)).status, 201);
});

Deno.test("unsubscribe removes a subscription of the target, and no other's", async () => {
  const app = createPushApp(), [mine, theirs] = [await tokenOf("alexander"), await tokenOf("burr")];
  const { id } = await (await request(app, PATH, { headers: mine, body: VALID })).json();
  const remove = (headers: Record<string, string>) =>
    request(app, `${PATH}/${id}`, { method: "DELETE", headers });
  await assertProblem(await remove({}), "401 not-authorized");
  await assertProblem(await remove(theirs), "404 not-found");
  assertEquals(app.subscriptions.all.length, 1);
  const response = await remove(mine);
  assertEquals([response.status, await response.text(), app.subscriptions.all], [204, "", []]);
  await assertProblem(await remove(mine), "404 not-found");
});

Deno.test("renewSubscription replaces a subscription for whoever knows its endpoint and secret, without a token", async () => {
  const app = createPushApp(),
    next = browserSubscription("https://updates.push.services.mozilla.com/wpush/v2/next");
  await request(app, PATH, { headers: await tokenOf("alexander"), body: VALID });
  const body = { old: { endpoint, auth: keys.auth }, subscription: next };
  const response = await request(app, `${PATH}/renew`, { headers: { origin: ALLOWED_ORIGIN }, body });
  assertEquals([response.status, response.headers.get("access-control-allow-origin")], [200, ALLOWED_ORIGIN]);
  const { id } = await response.json();
  assertEquals(app.subscriptions.all, [
    { id, target: "alexander", origin: null, endpoint: next.endpoint, ...next.keys },
  ]);
});

Deno.test("renewSubscription changes nothing without the secret, and for pages of other origins", async () => {
  const app = createPushApp();
  await request(app, PATH, { headers: await tokenOf("alexander"), body: VALID });
  const subscription = browserSubscription("https://web.push.apple.com/next");
  const renew = (old: unknown, origin = ALLOWED_ORIGIN) =>
    request(app, `${PATH}/renew`, { headers: { origin }, body: { old, subscription } });
  const { auth } = browserSubscription().keys;
  await assertProblem(await renew({ endpoint, auth }), "404 not-found");
  await assertProblem(await renew({ endpoint: `${endpoint}-`, auth: keys.auth }), "404 not-found");
  await assertProblem(await renew({ endpoint, auth: "" }), "422 does-not-fit");
  await assertProblem(await renew({ endpoint }), "422 does-not-fit");
  const right = { endpoint, auth: keys.auth };
  await assertProblem(await renew(right, "https://evil.example"), "403 origin-not-allowed");
  assertEquals(app.subscriptions.all.map((one) => one.endpoint), [endpoint]);
  assertEquals((await renew(right)).status, 200);
});

Deno.test("countSubscriptions counts a target's subscriptions by push service, and shows no endpoint and no key", async () => {
  const app = createPushApp(), services = ["fcm.googleapis.com", "fcm.googleapis.com", "web.push.apple.com"];
  for (const [n, host] of services.entries()) {
    const body = browserSubscription(`https://${host}/device-${n}`);
    await request(app, PATH, { headers: await tokenOf("alexander"), body });
  }
  const count = (target: string, headers: Record<string, string> = PUBLISHER) =>
    request(app, `/v1/targets/${target}/push`, { method: "GET", headers });
  assertEquals(await (await count("alexander")).json(), {
    subscriptions: 3,
    services: { "fcm.googleapis.com": 2, "web.push.apple.com": 1 },
  });
  assertEquals(await (await count("burr")).json(), { subscriptions: 0, services: {} });
  await assertProblem(await count("alexander", await tokenOf("alexander")), "401 not-authorized");
  await assertProblem(await count("a%ZZ"), "400 bad-request");
});

Deno.test("The routes of Web Push answer 503 while the subscriptions cannot be reached", async () => {
  const app = createPushApp(), headers = await tokenOf("alexander");
  app.subscriptions.isAvailable = false;
  const answers = await Promise.all([
    request(app, PATH, { headers, body: VALID }),
    request(app, `${PATH}/a`, { method: "DELETE", headers }),
    request(app, `${PATH}/renew`, { body: { old: { endpoint, auth: keys.auth }, subscription: VALID } }),
    request(app, "/v1/targets/alexander/push", { method: "GET", headers: PUBLISHER }),
  ]);
  for (const answer of answers) {
    await assertProblem(answer, "503 unavailable");
    assertEquals(answer.headers.get("retry-after"), "1");
  }
  assertEquals(app.reported.length, answers.length, "each is logged with its cause");
});

Deno.test("The routes of Web Push let allowed pages send a token and JSON, and delete", async () => {
  for (const path of ["/v1/push/key", PATH, `${PATH}/renew`, `${PATH}/some-id`]) {
    const options = { method: "OPTIONS", headers: { origin: ALLOWED_ORIGIN } };
    const { status, headers } = await request(createPushApp(), path, options);
    assertEquals([status, headers.get("access-control-allow-headers")], [204, "authorization, content-type"]);
    assertEquals(headers.get("access-control-allow-origin"), ALLOWED_ORIGIN);
    assertEquals(
      headers.get("access-control-allow-methods"),
      path.endsWith("some-id") ? "DELETE" : null,
      path,
    );
    const foreign = { method: "OPTIONS", headers: { origin: "https://evil.example" } };
    await assertProblem(await request(createPushApp(), path, foreign), "403 origin-not-allowed");
  }
});

Deno.test("BrowserSubscription accepts what browsers give, with or without an expiration time", () => {
  for (const expirationTime of [undefined, null, 1_700_000_000_000.5]) {
    assert(BrowserSubscription.safeParse({ ...VALID, expirationTime }).success);
  }
});
