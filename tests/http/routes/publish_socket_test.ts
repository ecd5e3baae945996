/** publishSocket: the order of refusals, the places of the key, the checks of development mode, and the upgrade. */

import { assertEquals, assertMatch } from "@std/assert";
import type { AppDeps } from "../../../src/http/routes/app.ts";
import { assertProblem } from "../assert_problem.ts";
import { bearer } from "../auth/signed_token.ts";
import {
  ALLOWED_ORIGIN,
  createTestApp,
  DEVELOPMENT,
  keyOf,
  PUBLISHER_KEY,
  type TestApp,
  type TestAppOptions,
} from "../test_app.ts";

const UPGRADE = { upgrade: "websocket", connection: "upgrade", "sec-websocket-version": "13" };
const KEY = `tidings.key.${btoa(PUBLISHER_KEY).replaceAll("=", "")}`;

async function request({ app }: TestApp, headers: Record<string, string> = {}): Promise<Response> {
  return await app.request("/v1/publish", { headers });
}

/** Publishers that record who was admitted, and how many of them were released. */
function recordingPublishers(isFull = () => false) {
  const admitted: string[] = [], attached: WebSocket[] = [];
  let released = 0;
  const publishers: AppDeps["publishers"] = {
    get isFull() {
      return isFull();
    },
    admit(owner) {
      admitted.push(owner);
      return { attach: (socket) => void attached.push(socket), release: () => void released++ };
    },
  };
  return { publishers, admitted, attached, released: () => released };
}

Deno.test("publishSocket refuses in the order 403, 401, 403, 400, 503, 503, 503, 426", async () => {
  let draining = true, short = true, full = true;
  const app = createTestApp({
    isDraining: () => draining,
    isShortOfMemory: () => short,
    config: { publisherKeys: [keyOf("reader", "reader-key", ["read"]), keyOf("key-1", PUBLISHER_KEY)] },
    publishers: recordingPublishers(() => full).publishers,
  });
  const headers: Record<string, string> = {
    origin: "https://evil.example",
    "sec-websocket-protocol": "chat",
  };
  const refusals: [string, () => unknown][] = [
    ["403 origin-not-allowed", () => headers.origin = ALLOWED_ORIGIN],
    ["401 not-authorized", () => Object.assign(headers, bearer("reader-key"))],
    ["403 missing-scope", () => Object.assign(headers, bearer(PUBLISHER_KEY))],
    ["400 bad-request", () => headers["sec-websocket-protocol"] = "chat, tidings.publish.v1"],
    ["503 unavailable", () => draining = false],
    ["503 unavailable", () => short = false],
    ["503 unavailable", () => full = false],
    ["426 upgrade-required", () => {}],
  ];
  for (const [refusal, resolve] of refusals) {
    const response = await request(app, headers);
    assertEquals(response.headers.has("retry-after"), response.status === 503);
    await assertProblem(response, refusal);
    resolve();
  }
});

Deno.test("publishSocket accepts the key in the header or in a subprotocol, and the header's first", async () => {
  const app = createTestApp(), wrong = `tidings.key.${btoa("wrong")}`;
  for (
    const [status, headers] of [
      [426, bearer(PUBLISHER_KEY)],
      [426, { "sec-websocket-protocol": `tidings.publish.v1, ${KEY}` }],
      [426, { "sec-websocket-protocol": `${KEY},tidings.publish.v1` }],
      [426, { ...bearer(PUBLISHER_KEY), "sec-websocket-protocol": `tidings.publish.v1, ${wrong}` }],
      [401, { ...bearer("wrong"), "sec-websocket-protocol": `tidings.publish.v1, ${KEY}` }],
      [401, { "sec-websocket-protocol": `tidings.publish.v1, ${wrong}` }],
      [401, { "sec-websocket-protocol": "tidings.publish.v1, tidings.key." }],
      [401, { "sec-websocket-protocol": `tidings.publish.v1, tidings.key.${PUBLISHER_KEY}` }],
      [401, { "sec-websocket-protocol": "tidings.publish.v1" }],
      [401, { "sec-websocket-protocol": `tidings.publish.v1, tidings.bearer.${PUBLISHER_KEY}` }],
    ] as const
  ) {
    const response = await request(app, headers);
    await response.body?.cancel();
    assertEquals(response.status, status, JSON.stringify(headers));
    assertEquals(response.headers.get("www-authenticate"), status === 401 ? "Bearer" : null);
  }
});

Deno.test("publishSocket lets only allowed pages read why they were refused, and send a key", async () => {
  const app = createTestApp();
  const allowed = await request(app, { origin: ALLOWED_ORIGIN });
  assertEquals(allowed.headers.get("access-control-allow-origin"), ALLOWED_ORIGIN);
  await assertProblem(allowed, "401 not-authorized");
  const options = (origin: string) =>
    app.app.request("/v1/publish", { method: "OPTIONS", headers: { origin } });
  const preflight = await options(ALLOWED_ORIGIN);
  assertEquals([preflight.status, preflight.headers.get("access-control-allow-headers")], [
    204,
    "authorization",
  ]);
  await assertProblem(await options("https://evil.example"), "403 origin-not-allowed");
});

Deno.test("publishSocket needs no key in development mode, but a host, an origin and a proxy of this machine", async () => {
  const app = createTestApp({ config: DEVELOPMENT });
  await assertProblem(await request(app), "426 upgrade-required");
  await assertProblem(await request(app, { origin: "http://localhost:5173" }), "426 upgrade-required");
  for (const origin of ["https://evil.example", "null", "http://localhost.evil.example"]) {
    await assertProblem(await request(app, { origin, ...UPGRADE }), "403 origin-not-allowed");
  }
  await assertProblem(await app.app.request("http://evil.example/v1/publish"), "403 not-local");
  await assertProblem(await request(app, { "x-forwarded-for": "203.0.113.7" }), "403 not-local");
});

Deno.test("publishSocket answers HEAD, and other versions of the protocol, with 426", async () => {
  const { app } = createTestApp({ config: DEVELOPMENT });
  for (
    const [method, headers] of [
      ["HEAD", UPGRADE],
      ["GET", { ...UPGRADE, "sec-websocket-version": "12" }],
      ["GET", { ...UPGRADE, upgrade: "h2c" }],
    ] as const
  ) {
    const response = await app.request("/v1/publish", { method, headers });
    await response.body?.cancel();
    assertEquals([response.status, response.headers.get("sec-websocket-version")], [426, "13"]);
  }
});

Deno.test("publishSocket releases the slot of an upgrade without Sec-WebSocket-Key", async () => {
  const { publishers, admitted, released } = recordingPublishers();
  const app = createTestApp({ config: DEVELOPMENT, publishers });
  await assertProblem(await request(app, UPGRADE), "400 bad-request");
  assertEquals([admitted, released(), app.reported], [["anyone"], 1, []]);
});

Deno.test("publishSocket answers 503 if another isolate takes the last slot after it was seen", async () => {
  const publishers = { isFull: false, admit: () => null };
  const response = await request(createTestApp({ config: DEVELOPMENT, publishers }), UPGRADE);
  assertEquals(response.headers.get("retry-after"), "5");
  await assertProblem(response, "503 unavailable");
});

/** The app behind a real socket. */
function serve(options: TestAppOptions): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, createTestApp(options).app.fetch);
}

Deno.test("publishSocket chooses tidings.publish.v1 and never the subprotocol with the key, and hands over the name of the key", async () => {
  const { publishers, admitted, attached } = recordingPublishers();
  await using server = serve({ publishers });
  for (const protocols of [["tidings.publish.v1", KEY], [KEY, "tidings.publish.v1"]]) {
    const socket = new WebSocket(`ws://127.0.0.1:${server.addr.port}/v1/publish`, protocols);
    await new Promise((resolve) => socket.onopen = resolve);
    assertMatch(socket.protocol, /^tidings\.publish\.v1$/);
    const closed = [socket, attached.at(-1)].map((one) =>
      new Promise((resolve) => one?.addEventListener("close", resolve))
    );
    socket.close();
    await Promise.all(closed);
  }
  assertEquals(admitted, ["key-1", "key-1"]);
});
