/** connect: the order of refusals, the upgrade, and the connection that is handed over. */

import { assertEquals, assertMatch } from "@std/assert";
import { Admission } from "../../../src/connection/admission.ts";
import { ConnectionSlots } from "../../../src/connection/connection_slots.ts";
import { positionOf } from "../../../src/wire/position.ts";
import { createCells, SharedSlots } from "../../../src/workers/connection_cells.ts";
import { assertProblem } from "../assert_problem.ts";
import { bearer, secondsFromNow, signedToken } from "../auth/signed_token.ts";
import {
  ALLOWED_ORIGIN,
  CONFIG,
  createTestApp,
  DEVELOPMENT,
  NO_OTHER_NODES,
  type TestApp,
} from "../test_app.ts";
import { TestServer } from "../test_server.ts";

const POSITION = positionOf("epoch123", 7);
/** The headers of an upgrade, except Sec-WebSocket-Key. */
const UPGRADE = { upgrade: "websocket", connection: "upgrade", "sec-websocket-version": "13" };

/** Sends a request without an upgrade, which is answered with 426 if nothing else is wrong with it. */
async function request(
  { app }: TestApp,
  path: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  return await app.request(`/v1/connect${path}`, { headers });
}

Deno.test("connect refuses in the order 503, 503, 403, 401, 401, 400, 400, 429, 426", async () => {
  let draining = true;
  const app = createTestApp({
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
  /** The refusals in order, each with the change that resolves it. */
  const refusals: [string, () => unknown][] = [
    ["503 unavailable", () => draining = false],
    ["503 unavailable", () => other?.release()],
    ["403 origin-not-allowed", () => headers.origin = ALLOWED_ORIGIN],
    ["401 not-authorized", async () => Object.assign(headers, bearer(await signedToken({ sub: ".." })))],
    [
      "401 not-authorized",
      async () => Object.assign(headers, bearer(await signedToken({ sub: "alexander" }))),
    ],
    ["400 bad-request", () => path = `?after=${POSITION}`],
    ["400 bad-request", () => headers["sec-websocket-protocol"] = "chat, tidings.v1"],
    ["429 too-many-connections", () => own?.release()],
    ["426 upgrade-required", () => app.admission.close()],
  ];
  for (const [refusal, resolve] of refusals) {
    await assertProblem(await request(app, path, headers), refusal);
    await resolve();
  }
  assertEquals(app.admission.slots.taken, 0);
});

Deno.test("connect sends Retry-After if the node stops, is full, or the target has too many connections", async () => {
  const stopping = await request(createTestApp({ isDraining: () => true }), "");
  assertEquals([stopping.status, stopping.headers.get("retry-after")], [503, "1"]);
  const app = createTestApp({ config: { ...DEVELOPMENT, maxConnections: 2, maxConnectionsPerTarget: 1 } });
  app.admission.reserve("alexander");
  const fullForTarget = await request(app, "?target=alexander");
  assertEquals([fullForTarget.status, fullForTarget.headers.get("retry-after")], [429, "5"]);
  await assertProblem(await request(app, "?target=burr"), "426 upgrade-required");
  app.admission.reserve("burr");
  const full = await request(app, "?target=jefferson");
  assertEquals([full.status, full.headers.get("retry-after")], [503, "5"]);
  for (const response of [stopping, fullForTarget, full]) await response.body?.cancel();
});

Deno.test("connect answers a GET without an upgrade with 426 if nothing else is wrong", async () => {
  const response = await request(createTestApp({ config: DEVELOPMENT }), "?target=alexander");
  assertEquals(response.headers.get("upgrade"), "websocket");
  await assertProblem(response, "426 upgrade-required");
});

Deno.test("connect requires a GET with an upgrade to a WebSocket of version 13", async () => {
  const { app, admission } = createTestApp({ config: DEVELOPMENT });
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

Deno.test("connect refuses an invalid position", async () => {
  for (const after of ["", "7", "epoch123-7", POSITION.toUpperCase(), `${POSITION}0`, "%00"]) {
    const app = createTestApp({ config: DEVELOPMENT });
    const { detail } = await assertProblem(await request(app, `?target=a&after=${after}`), "400 bad-request");
    assertMatch(detail, /^after: /);
  }
});

Deno.test("connect refuses a request that offers subprotocols without tidings.v1", async () => {
  const headers = bearer(await signedToken({ sub: "alexander" }));
  for (const offered of ["chat", "tidings", "tidings.v2", "Tidings.v1", "tidings.bearer.x.y.z"]) {
    const response = await request(createTestApp(), "", { ...headers, "sec-websocket-protocol": offered });
    await assertProblem(response, "400 bad-request");
  }
});

Deno.test("connect checks again whether the service stops after it has verified the token", async () => {
  let calls = 0;
  const app = createTestApp({ isDraining: () => ++calls > 1 });
  await assertProblem(
    await request(app, "", bearer(await signedToken({ sub: "alexander" }))),
    "503 unavailable",
  );
});

Deno.test("connect finds the WebSocket in a list of upgrades", async () => {
  const app = createTestApp({ config: DEVELOPMENT });
  for (const upgrade of ["WebSocket", "h2c, websocket", "websocket ,h2c"]) {
    const response = await request(app, "?target=a", { ...UPGRADE, upgrade });
    await assertProblem(response, "400 bad-request"); // because Sec-WebSocket-Key is missing
  }
  app.admission.close();
});

Deno.test("connect has an idle WebSocket pinged after 22 seconds, and given up after 44", async () => {
  const { upgradeWebSocket } = Deno;
  const options: (Deno.UpgradeWebSocketOptions | undefined)[] = [];
  await using server = new TestServer({ config: DEVELOPMENT });
  Object.assign(Deno, {
    upgradeWebSocket(...[request, given]: Parameters<typeof upgradeWebSocket>) {
      options.push(given);
      return upgradeWebSocket(request, given);
    },
  });
  try {
    await (await server.connect("?target=alexander"))?.close();
  } finally {
    Object.assign(Deno, { upgradeWebSocket });
  }
  assertEquals(options, [{ idleTimeout: 44 }]);
});

Deno.test("connect releases the slot of an upgrade without Sec-WebSocket-Key", async () => {
  const app = createTestApp({ config: DEVELOPMENT });
  await assertProblem(await request(app, "?target=a", UPGRADE), "400 bad-request");
  assertEquals([app.admission.slots.taken, app.reported], [0, []]);
  app.admission.close();
});

Deno.test("connect releases the slot and answers 503 if the journal cannot follow the target", async () => {
  const error = new Error("the journal is unavailable");
  const journal = { follow: () => Promise.reject(error), unfollow() {} };
  const admission = new Admission(
    { journal, nodes: NO_OTHER_NODES, slots: new ConnectionSlots(CONFIG.maxConnections) },
    { ...CONFIG, lingerMs: 0 },
  );
  const app = createTestApp({ config: DEVELOPMENT, admission });
  const response = await request(app, "?target=a", UPGRADE);
  assertEquals(response.headers.get("retry-after"), "1");
  await assertProblem(response, "503 unavailable");
  assertEquals([app.admission.slots.taken, app.reported], [0, [error]]);
});

Deno.test("connect answers 503 if another isolate takes the last slot after it was seen", async () => {
  const cells = createCells(), other = new SharedSlots(1, { cells, isolate: 1 });
  const slots = new SharedSlots(1, { cells, isolate: 0 }), take = slots.take.bind(slots);
  slots.take = () => other.take() && take();
  const journal = { follow: () => Promise.resolve(), unfollow() {} };
  const deps = { journal, nodes: NO_OTHER_NODES, slots };
  const admission = new Admission(deps, { ...CONFIG, lingerMs: 0 });
  const app = createTestApp({ config: DEVELOPMENT, admission });
  const response = await request(app, "?target=a", UPGRADE);
  assertEquals(response.headers.get("retry-after"), "5");
  await assertProblem(response, "503 unavailable");
  assertEquals([slots.taken, other.taken, app.reported], [0, 1, []]);
});

Deno.test("connect hands over the socket with the target and its slot", async () => {
  await using server = new TestServer({ config: DEVELOPMENT });
  const socket = await server.connect("?target=alexander");
  const { slot, ...admitted } = server.onlyAdmitted();
  assertEquals(admitted, {
    target: "alexander",
    jti: null,
    issuedAt: null,
    expiresAt: null,
    after: null,
  });
  assertEquals(server.slotsTaken, 1);
  slot.release();
  assertEquals(server.slotsTaken, 0);
  await socket?.close();
});

Deno.test("connect hands over the identity and the expiry of the token and the position to resume after", async () => {
  const exp = secondsFromNow(60);
  await using server = new TestServer({});
  const jwt = await signedToken({ sub: "alexander", exp, iat: exp - 60, jti: "1" });
  const socket = await server.connect(`?after=${POSITION}`, { headers: bearer(jwt) });
  const { slot: _, ...admitted } = server.onlyAdmitted();
  const token = { target: "alexander", jti: "1", issuedAt: exp - 60 };
  assertEquals(admitted, { ...token, expiresAt: exp * 1_000, after: POSITION });
  await socket?.close();
});

Deno.test("connect hands over `earliest`, and names both forms when `after` has neither", async () => {
  await using server = new TestServer({ config: DEVELOPMENT });
  const socket = await server.connect("?target=alexander&after=earliest");
  assertEquals(server.onlyAdmitted().after, "earliest");
  await socket?.close();
  for (const text of ["Earliest", "latest", "", `${POSITION},earliest`, `earliest${POSITION}`]) {
    const app = createTestApp({ config: DEVELOPMENT });
    const response = await request(app, `?target=alexander&after=${encodeURIComponent(text)}`, {});
    const { detail } = await assertProblem(response, "400 bad-request");
    assertEquals(detail, "after: neither a position nor `earliest`");
    app.admission.close();
  }
});

Deno.test("connect chooses tidings.v1 and never the subprotocol with the token", async () => {
  await using server = new TestServer({});
  const jwt = await signedToken({ sub: "alexander" });
  const token = `tidings.bearer.${jwt}`;
  for (const protocols of [["tidings.v1", token], [token, "tidings.v1"], ["chat", "tidings.v1", token]]) {
    const socket = await server.connect("", { protocols });
    assertEquals(socket?.protocol, "tidings.v1");
    await socket?.close();
  }
  const socket = await server.connect("", { headers: bearer(jwt) });
  assertEquals(socket?.protocol, "");
  await socket?.close();
});

Deno.test("connect admits no more connections of a target than the limit, also if they open at once", async () => {
  await using server = new TestServer({ config: { maxConnections: 5, maxConnectionsPerTarget: 2 } });
  const headers = bearer(await signedToken({ sub: "alexander" }));
  const sockets = await Promise.all(Array.from({ length: 8 }, () => server.connect("", { headers })));
  const admitted = sockets.filter((socket) => socket !== null);
  assertEquals([admitted.length, server.slotsTaken], [2, 2]);
  for (const socket of admitted) await socket.close();
});

Deno.test("connect refuses before the upgrade, without a socket and without taking a slot", async () => {
  await using server = new TestServer({ config: DEVELOPMENT });
  assertEquals(await server.connect("?target=a", { headers: { origin: "https://evil.example" } }), null);
  assertEquals(await server.connect("?target="), null);
  assertEquals([server.admitted, server.slotsTaken], [[], 0]);
});
