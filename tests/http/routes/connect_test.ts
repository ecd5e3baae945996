/** connect: who may connect, judged before the upgrade; and what becomes of who may. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Admission } from "../../../src/connection/admission.ts";
import { ConnectionSlots } from "../../../src/connection/connection_slots.ts";
import { positionOf } from "../../../src/wire/position.ts";
import { assertProblem } from "../assert_problem.ts";
import { KeySet } from "../auth/key_set.ts";
import { secondsFromNow, signedToken, unsignedToken } from "../auth/signed_token.ts";
import { ALLOWED_ORIGIN, CONFIG, NOBODY_ELSE, type TestApp, testApp } from "../test_app.ts";
import { Venue } from "../test_server.ts";

const DEVELOPMENT = { development: true, publisherKeyDigests: [], allowedOrigins: null };
const POSITION = positionOf("epoch123", 7);
/** All that an upgrade has, but a key. */
const UPGRADE = { upgrade: "websocket", connection: "upgrade", "sec-websocket-version": "13" };

/** Asks without wanting an upgrade. Who is refused nothing else is told that: 426. */
async function ask({ app }: TestApp, path: string, headers: Record<string, string> = {}): Promise<Response> {
  return await app.request(`/v1/connect${path}`, { headers });
}

function bearer(jwt: string): Record<string, string> {
  return { authorization: `Bearer ${jwt}` };
}

Deno.test("connect refuses in the order 503, 503, 403, 401, 400, 400, 400, 429, 426", async () => {
  let draining = true;
  const app = testApp({
    config: { maxConnections: 2, maxConnectionsPerTarget: 1 },
    isDraining: () => draining,
  });
  const [own, other] = ["alexander", "burr"].map((target) => app.admission.reserve(target));
  const headers: Record<string, string> = {
    origin: "https://evil.example",
    "sec-websocket-protocol": "chat",
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
    ["400 bad-request", () => path = `?after=${POSITION}`],
    ["400 bad-request", () => headers["sec-websocket-protocol"] = "chat, tidings.v1"],
    ["429 too-many-connections", () => own?.release()],
    ["426 upgrade-required", () => app.admission.close()],
  ];
  for (const [refusal, cure] of refusals) {
    await assertProblem(await ask(app, path, headers), refusal);
    await cure();
  }
  assertEquals(app.admission.slots.taken, 0);
});

Deno.test("connect says when to come back to a node that stops, is full, or is full for the target", async () => {
  const stopping = await ask(testApp({ isDraining: () => true }), "");
  assertEquals([stopping.status, stopping.headers.get("retry-after")], [503, "1"]);
  const app = testApp({ config: { ...DEVELOPMENT, maxConnections: 2, maxConnectionsPerTarget: 1 } });
  app.admission.reserve("alexander");
  const fullForTarget = await ask(app, "?target=alexander");
  assertEquals([fullForTarget.status, fullForTarget.headers.get("retry-after")], [429, "5"]);
  await assertProblem(await ask(app, "?target=burr"), "426 upgrade-required");
  app.admission.reserve("burr");
  const full = await ask(app, "?target=jefferson");
  assertEquals([full.status, full.headers.get("retry-after")], [503, "5"]);
  for (const response of [stopping, fullForTarget, full]) await response.body?.cancel();
});

Deno.test("connect tells a plain GET, once everything else is right, to ask for an upgrade", async () => {
  const response = await ask(testApp({ config: DEVELOPMENT }), "?target=alexander");
  assertEquals(response.headers.get("upgrade"), "websocket");
  await assertProblem(response, "426 upgrade-required");
});

Deno.test("connect takes nothing for an upgrade but a GET, and of the version that there is", async () => {
  const { app, admission } = testApp({ config: DEVELOPMENT });
  const { "sec-websocket-version": _, ...versionless } = UPGRADE;
  for (
    const [method, headers] of [
      ["HEAD", UPGRADE],
      ["GET", versionless],
      ["GET", { ...UPGRADE, "sec-websocket-version": "12" }],
      ["GET", { ...UPGRADE, upgrade: "h2c" }],
    ] as const
  ) {
    const response = await app.request("/v1/connect?target=a", { method, headers });
    assertEquals(response.headers.get("sec-websocket-version"), "13");
    if (method === "HEAD") assertEquals(response.status, 426);
    else assertMatch((await assertProblem(response, "426 upgrade-required")).detail, /version 13/);
  }
  assertEquals(admission.slots.taken, 0);
});

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
  ["a token for nobody", () => signedToken({ aud: "tidings" })],
];

for (const [what, token] of REFUSED_TOKENS) {
  Deno.test(`connect refuses ${what}, however it comes`, async () => {
    const app = testApp({ config: { tokens: { ...CONFIG.tokens, audience: "tidings" } } });
    const jwt = await token();
    const protocols = `tidings.v1${jwt === "" ? "" : `, tidings.bearer.${jwt}`}`;
    const shown: [string, Record<string, string>][] = [
      ["", bearer(jwt)],
      ["", { "sec-websocket-protocol": protocols }],
      ["", { cookie: `tidings_token=${jwt}`, origin: ALLOWED_ORIGIN }],
      [`?access_token=${jwt}`, {}],
    ];
    for (const [path, headers] of shown) {
      const response = await ask(app, path, headers);
      assertMatch(response.headers.get("www-authenticate") ?? "", /^Bearer/);
      await assertProblem(response, "401 not-authorized");
    }
    assertEquals(app.reported, [], "who shows a bad token is no failure of the server");
  });
}

Deno.test("connect takes the token from the header, a subprotocol, the cookie or the query", async () => {
  const jwt = await signedToken({ sub: "alexander", exp: secondsFromNow(60) });
  const shown: [string, Record<string, string>][] = [
    ["", bearer(jwt)],
    ["", { "sec-websocket-protocol": `tidings.v1, tidings.bearer.${jwt}` }],
    ["", { "sec-websocket-protocol": `tidings.bearer.${jwt},tidings.v1` }],
    ["", { cookie: `tidings_token=${jwt}`, origin: ALLOWED_ORIGIN }],
    [`?access_token=${jwt}`, {}],
  ];
  for (const [path, headers] of shown) {
    await assertProblem(await ask(testApp(), path, headers), "426 upgrade-required");
  }
});

Deno.test("connect takes a cookie only from a page that is known", async () => {
  const cookie = `tidings_token=${await signedToken({ sub: "alexander" })}`;
  const others = [{ cookie }, { cookie, origin: "https://evil.example" }, { cookie, origin: "null" }];
  for (const headers of others) {
    await assertProblem(await ask(testApp(), "", headers), "403 origin-not-allowed");
  }
});

Deno.test("connect takes a cookie from a page of its own host, of which browsers tell no Origin, if that is known", async () => {
  const cookie = `tidings_token=${await signedToken({ sub: "alexander" })}`;
  const own = { cookie, host: "push.example:8000", "sec-fetch-site": "same-origin" };
  const known = "426 upgrade-required", unknown = "403 origin-not-allowed";
  const judged: [string[] | null, Record<string, string>, string][] = [
    [null, own, known],
    [["http://push.example:8000"], own, known],
    [["https://push.example:8000"], own, known],
    [[ALLOWED_ORIGIN], own, unknown],
    [null, { ...own, "sec-fetch-site": "same-site" }, unknown],
    [null, { ...own, "sec-fetch-site": "none" }, unknown],
    [null, { ...own, origin: "https://evil.example" }, unknown],
  ];
  for (const [allowedOrigins, headers, expected] of judged) {
    await assertProblem(await ask(testApp({ config: { allowedOrigins } }), "", headers), expected);
  }
});

Deno.test("connect needs no Origin of who shows a token otherwise, and so is no browser", async () => {
  const jwt = await signedToken({ sub: "alexander" });
  const withCookie = { ...bearer(jwt), cookie: `tidings_token=${jwt}` };
  for (const headers of [bearer(jwt), withCookie]) {
    await assertProblem(await ask(testApp(), "", headers), "426 upgrade-required");
  }
});

Deno.test("connect takes a token from the query only if it lives for 5 minutes or less", async () => {
  const iat = secondsFromNow(0);
  const lives: [number | null, string][] = [
    [300, "426 upgrade-required"],
    [301, "401 not-authorized"],
    [null, "401 not-authorized"],
  ];
  for (const [life, expected] of lives) {
    const jwt = await signedToken({ sub: "alexander", iat, ...(life !== null && { exp: iat + life }) });
    await assertProblem(await ask(testApp(), `?access_token=${jwt}`), expected);
    await assertProblem(await ask(testApp(), "", bearer(jwt)), "426 upgrade-required");
  }
});

Deno.test("connect refuses a token for another target than the one asked for", async () => {
  const headers = bearer(await signedToken({ sub: "alexander" }));
  await assertProblem(await ask(testApp(), "?target=burr", headers), "400 bad-request");
  await assertProblem(await ask(testApp(), "?target=alexander", headers), "426 upgrade-required");
});

Deno.test("connect asks for a token outside of development, whatever target is named", async () => {
  await assertProblem(await ask(testApp(), "?target=alexander"), "401 not-authorized");
});

Deno.test("connect in development takes a name, but no bad token", async () => {
  const app = testApp({ config: DEVELOPMENT });
  await assertProblem(await ask(app, "?target=alexander"), "426 upgrade-required");
  await assertProblem(await ask(app, "?target=alexander", bearer("forged")), "401 not-authorized");
  const headers = bearer(await signedToken({ sub: "alexander" }));
  await assertProblem(await ask(app, "", headers), "426 upgrade-required");
});

Deno.test("connect refuses what cannot be a target", async () => {
  for (const query of ["", "?target=", "?target=..", "?target=%00", `?target=${"a".repeat(257)}`]) {
    const { detail } = await assertProblem(
      await ask(testApp({ config: DEVELOPMENT }), query),
      "400 bad-request",
    );
    assertMatch(detail, /^target: /);
  }
});

Deno.test("connect refuses what is not a position", async () => {
  for (const after of ["", "7", "epoch123-7", POSITION.toUpperCase(), `${POSITION}0`, "%00"]) {
    const app = testApp({ config: DEVELOPMENT });
    const { detail } = await assertProblem(await ask(app, `?target=a&after=${after}`), "400 bad-request");
    assertMatch(detail, /^after: /);
  }
});

Deno.test("connect refuses who offers subprotocols, but not tidings.v1", async () => {
  const headers = bearer(await signedToken({ sub: "alexander" }));
  for (const offered of ["chat", "tidings", "tidings.v2", "Tidings.v1", "tidings.bearer.x.y.z"]) {
    const response = await ask(testApp(), "", { ...headers, "sec-websocket-protocol": offered });
    await assertProblem(response, "400 bad-request");
  }
});

Deno.test("connect lets only pages of its own host in where no origins are listed", async () => {
  const app = testApp({ config: DEVELOPMENT });
  const headers = { host: "localhost:8000" };
  for (const origin of ["http://localhost:8000", "https://localhost:8000"]) {
    await assertProblem(await ask(app, "?target=a", { ...headers, origin }), "426 upgrade-required");
  }
  for (const origin of ["http://localhost:3000", "http://127.0.0.1:8000", "null", "https://evil.example"]) {
    const { detail } = await assertProblem(
      await ask(app, "?target=a", { ...headers, origin }),
      "403 origin-not-allowed",
    );
    assertStringIncludes(detail, `${origin} is not allowed`);
    assertStringIncludes(detail, "TIDINGS_ALLOWED_ORIGINS");
  }
});

/** What lets a page read an answer. */
function readableBy(response: Response): (string | null)[] {
  return ["allow-origin", "allow-credentials"].map((name) => response.headers.get(`access-control-${name}`));
}

Deno.test("connect lets a page that may connect read why it was refused, and no other page", async () => {
  const jwt = await signedToken({ sub: "alexander" });
  const refusals: [string, TestApp, Record<string, string>][] = [
    ["503 unavailable", testApp({ isDraining: () => true }), {}],
    ["401 not-authorized", testApp(), {}],
    ["400 bad-request", testApp(), { ...bearer(jwt), "sec-websocket-protocol": "chat" }],
    ["426 upgrade-required", testApp(), bearer(jwt)],
  ];
  for (const [refusal, app, headers] of refusals) {
    const response = await ask(app, "", { ...headers, origin: ALLOWED_ORIGIN });
    assertEquals([...readableBy(response), response.headers.get("vary")], [ALLOWED_ORIGIN, "true", "origin"]);
    assertEquals(response.headers.get("access-control-expose-headers"), "retry-after");
    await assertProblem(response, refusal);
    const other = await ask(app, "", { ...headers, origin: "https://evil.example" });
    assertEquals(readableBy(other), [null, null]);
    await other.body?.cancel();
  }
});

Deno.test("preflight lets a page that may connect send a token, and no other page", async () => {
  const { app } = testApp({ isDraining: () => true });
  async function preflight(headers: Record<string, string>): Promise<Response> {
    return await app.request("/v1/connect", { method: "OPTIONS", headers });
  }
  const response = await preflight({
    origin: ALLOWED_ORIGIN,
    "access-control-request-headers": "authorization",
  });
  assertEquals([response.status, await response.text()], [204, ""]);
  assertEquals(readableBy(response), [ALLOWED_ORIGIN, "true"]);
  assertEquals(response.headers.get("access-control-allow-headers"), "authorization");
  assertEquals(response.headers.get("access-control-max-age"), "600");
  const other = await preflight({ origin: "https://evil.example" });
  assertEquals(readableBy(other), [null, null]);
  await assertProblem(other, "403 origin-not-allowed");
});

Deno.test("connect is unavailable while the key set is, and the failure is reported", async () => {
  await using keys = new KeySet(() => new Response("no", { status: 500 }));
  await keys.add("key", "ES256");
  const app = testApp({ config: { tokens: { ...CONFIG.tokens, jwksUrl: keys.url } } });
  const response = await ask(app, "", bearer(await keys.sign("key", { sub: "alexander" })));
  assertEquals(response.headers.get("retry-after"), "5");
  await assertProblem(response, "503 unavailable");
  assertEquals(app.reported.length, 1);
});

Deno.test("connect asks again whether the service stops, after the token was verified", async () => {
  let asked = 0;
  const app = testApp({ isDraining: () => ++asked > 1 });
  await assertProblem(await ask(app, "", bearer(await signedToken({ sub: "alexander" }))), "503 unavailable");
});

Deno.test("connect finds the WebSocket in a list of upgrades that a client offers", async () => {
  const app = testApp({ config: DEVELOPMENT });
  for (const upgrade of ["WebSocket", "h2c, websocket", "websocket ,h2c"]) {
    const response = await ask(app, "?target=a", { ...UPGRADE, upgrade });
    await assertProblem(response, "400 bad-request"); // it goes on, and then lacks a key
  }
  app.admission.close();
});

Deno.test("connect has an idle WebSocket pinged, and given up after 60 seconds", async () => {
  const { upgradeWebSocket } = Deno;
  const options: (Deno.UpgradeWebSocketOptions | undefined)[] = [];
  await using venue = new Venue({ config: DEVELOPMENT });
  Object.assign(Deno, {
    upgradeWebSocket(...[request, given]: Parameters<typeof upgradeWebSocket>) {
      options.push(given);
      return upgradeWebSocket(request, given);
    },
  });
  try {
    await (await venue.connect("?target=alexander"))?.leave();
  } finally {
    Object.assign(Deno, { upgradeWebSocket });
  }
  assertEquals(options, [{ idleTimeout: 60 }]);
});

Deno.test("connect frees the slot of an upgrade that lacks a header", async () => {
  const app = testApp({ config: DEVELOPMENT });
  await assertProblem(await ask(app, "?target=a", UPGRADE), "400 bad-request");
  assertEquals([app.admission.slots.taken, app.reported], [0, []]);
  app.admission.close();
});

Deno.test("connect frees the slot and is unavailable if the target cannot be followed", async () => {
  const failure = new Error("the journal is away");
  const journal = { follow: () => Promise.reject(failure), unfollow() {} };
  const admission = new Admission(
    { journal, nodes: NOBODY_ELSE, slots: new ConnectionSlots(CONFIG.maxConnections) },
    { ...CONFIG, lingerMs: 0 },
  );
  const app = testApp({ config: DEVELOPMENT, admission });
  const response = await ask(app, "?target=a", UPGRADE);
  assertEquals(response.headers.get("retry-after"), "1");
  await assertProblem(response, "503 unavailable");
  assertEquals([app.admission.slots.taken, app.reported], [0, [failure]]);
});

Deno.test("connect hands over the socket, with the target, its slot, and nothing that was not said", async () => {
  await using venue = new Venue({ config: DEVELOPMENT });
  const guest = await venue.connect("?target=alexander");
  const { slot, ...admitted } = venue.onlyAdmitted();
  assertEquals(admitted, { target: "alexander", expiresAt: null, after: null });
  assertEquals(venue.taken, 1);
  slot.release();
  assertEquals(venue.taken, 0);
  await guest?.leave();
});

Deno.test("connect hands on when the token expires, and after which position the stream goes on", async () => {
  const exp = secondsFromNow(60);
  await using venue = new Venue({});
  const jwt = await signedToken({ sub: "alexander", exp });
  const guest = await venue.connect(`?after=${POSITION}`, { headers: bearer(jwt) });
  const { slot: _, ...admitted } = venue.onlyAdmitted();
  assertEquals(admitted, { target: "alexander", expiresAt: exp * 1_000, after: POSITION });
  await guest?.leave();
});

Deno.test("connect chooses tidings.v1 among the subprotocols, never the one with the token, and none of none", async () => {
  await using venue = new Venue({});
  const jwt = await signedToken({ sub: "alexander" });
  const token = `tidings.bearer.${jwt}`;
  for (const protocols of [["tidings.v1", token], [token, "tidings.v1"], ["chat", "tidings.v1", token]]) {
    const guest = await venue.connect("", { protocols });
    assertEquals(guest?.protocol, "tidings.v1");
    await guest?.leave();
  }
  const guest = await venue.connect("", { headers: bearer(jwt) });
  assertEquals(guest?.protocol, "");
  await guest?.leave();
});

Deno.test("connect lets in no more of a target than it has slots, if all come at once too", async () => {
  await using venue = new Venue({ config: { maxConnections: 5, maxConnectionsPerTarget: 2 } });
  const headers = bearer(await signedToken({ sub: "alexander" }));
  const guests = await Promise.all(Array.from({ length: 8 }, () => venue.connect("", { headers })));
  const admitted = guests.filter((guest) => guest !== null);
  assertEquals([admitted.length, venue.taken], [2, 2]);
  for (const guest of admitted) await guest.leave();
});

Deno.test("connect refuses before the upgrade: no socket is made, and no slot taken", async () => {
  await using venue = new Venue({ config: DEVELOPMENT });
  assertEquals(await venue.connect("?target=a", { headers: { origin: "https://evil.example" } }), null);
  assertEquals(await venue.connect("?target="), null);
  assertEquals([venue.admitted, venue.taken], [[], 0]);
});
