/** observeRequests: what the access log learns of requests to a real server, and what it never does. */

import { assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import type { Exchange } from "../../src/http/exchange.ts";
import { observeRequests } from "../../src/http/observe_requests.ts";
import { createTestApp, keyOf, PUBLISHER_KEY, type TestAppOptions } from "./test_app.ts";
import { bearer, secondsFromNow, signedToken } from "./auth/signed_token.ts";
import { RefusalLog } from "../../src/service/refusal_log.ts";

const ACCEPT: TestAppOptions = {
  intake: {
    accept: (drafts) =>
      Promise.resolve(drafts.map(() => ({ outcome: "kept", position: "p-1", expiresAt: 0 } as const))),
  },
};

/** A server whose access log is a list. */
class ObservedServer implements AsyncDisposable {
  readonly answered: [Exchange, number][] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(options: TestAppOptions = {}) {
    const { trustedProxies = [] } = options.config ?? {};
    const { app } = createTestApp({ refusals: new RefusalLog(() => {}), ...options });
    const accessLog = { answered: (...one: [Exchange, number]) => void this.answered.push(one) };
    const fetch = observeRequests(app, { tracing: null, accessLog, config: { trustedProxies } });
    this.#server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, fetch);
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** Sends a request, and returns the answer, whose body is read, and its line. */
  async send(path: string, init: RequestInit = {}) {
    const response = await fetch(`${this.url}${path}`, init);
    await response.body?.cancel();
    const [exchange, status] = this.answered.pop() ?? [];
    assertEquals([status, this.answered], [response.status, []]);
    if (exchange === undefined) throw new Error("there is no line");
    return { response, exchange };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

Deno.test("observeRequests notes the method, route, status, client and the name of the key, and returns the id", async () => {
  await using server = new ObservedServer(ACCEPT);
  const { response, exchange } = await server.send("/v1/notify", {
    method: "POST",
    headers: { ...bearer(PUBLISHER_KEY), "x-request-id": "order-17" },
    body: '{"target":"alexander","data":1}',
  });
  const { method, route, key, client, id } = exchange;
  assertEquals([method, route, response.status, key, client, id], [
    ...["POST", "/v1/notify", 202, "key-1", "127.0.0.1", "order-17"],
  ]);
  assertEquals(response.headers.get("x-request-id"), "order-17");
  assertEquals(response.headers.get("content-type"), "application/json");
});

Deno.test("observeRequests notes why a request was refused, its origin, and whose key lacked the scope", async () => {
  const publisherKeys = [keyOf("metrics", "reading-key", ["read"])];
  await using server = new ObservedServer({ config: { publisherKeys } });
  const refused = await server.send("/v1/notify", {
    method: "POST",
    headers: { ...bearer("reading-key"), origin: "https://a.example" },
  });
  const { key, origin, problem } = refused.exchange;
  assertEquals([refused.response.status, key, origin, problem?.kind], [
    ...[403, "metrics", "https://a.example", "missing-scope"],
  ]);
  const unknown = await server.send("/v1/notify", { method: "POST", headers: bearer("guessed") });
  assertEquals([unknown.exchange.key, unknown.exchange.problem?.kind], [undefined, "not-authorized"]);
  assertMatch(unknown.response.headers.get("x-request-id") ?? "", /^[\w-]+$/);
});

Deno.test("observeRequests has a line for what no route answers, and for HEAD", async () => {
  await using server = new ObservedServer();
  for (
    const [method, path, route] of [
      ["GET", "/unknown/alexander", undefined],
      ["PUT", "/v1/notify", "/v1/notify"],
      ["HEAD", "/healthz", "/healthz"],
      ["OPTIONS", "/v1/connect", "/v1/connect"],
    ] as const
  ) {
    const { exchange, response } = await server.send(path, { method });
    assertEquals([exchange.method, exchange.route], [method, route]);
    const id = response.ok ? null : exchange.id;
    assertEquals(response.headers.get("x-request-id"), id);
  }
});

Deno.test("observeRequests notes nothing of a token, a key, a target, a query or a body", async () => {
  await using server = new ObservedServer(ACCEPT);
  const token = await signedToken({ sub: "alexander", exp: secondsFromNow(60) });
  const exchanges = [
    await server.send(`/v1/inbox?access_token=${token}`, { headers: { "x-request-id": `x ${token}` } }),
    await server.send("/v1/targets/alexander", { headers: bearer(`${PUBLISHER_KEY}x`) }),
    await server.send("/v1/notify", {
      method: "POST",
      headers: bearer(PUBLISHER_KEY),
      body: '{"target":"alexander","data":"hunter2"}',
    }),
  ].map(({ exchange: { problem, ...rest } }) => JSON.stringify({ ...rest, detail: problem?.message }));
  for (const text of exchanges) {
    for (const secret of [token, PUBLISHER_KEY, "alexander", "hunter2", "access_token"]) {
      assertEquals(text.includes(secret), false, text);
    }
  }
});

Deno.test("observeRequests has a line for a WebSocket when it is opened", async () => {
  await using server = new ObservedServer({
    sessions: {
      attach: (socket) => void (socket.onopen = () => socket.close()),
      openEventStream: () => new ReadableStream(),
    },
  });
  const token = await signedToken({ sub: "alexander", exp: secondsFromNow(60) });
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/v1/connect`, [
    "tidings.v1",
    `tidings.bearer.${token}`,
  ]);
  await new Promise((resolve) => socket.onclose = resolve);
  assertEquals(server.answered.map(([{ route }, status]) => [route, status]), [["/v1/connect", 101]]);
});

Deno.test("observeRequests returns the app's own function if nothing is observed", () => {
  const { app } = createTestApp();
  assertStrictEquals<unknown>(
    observeRequests(app, { tracing: null, accessLog: null, config: { trustedProxies: [] } }),
    app.fetch,
  );
});

Deno.test("observeRequests notes the client that a trusted proxy names, and no other", async () => {
  const headers = { "x-forwarded-for": "192.0.2.7" };
  for (const [trustedProxies, client] of [[["127.0.0.0/8"], "192.0.2.7"], [[], "127.0.0.1"]] as const) {
    await using server = new ObservedServer({ config: { trustedProxies } });
    assertEquals((await server.send("/healthz", { headers })).exchange.client, client);
  }
});
