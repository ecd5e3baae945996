/** The limits of addresses and of new connections, over real sockets, behind a proxy that names the client. */

import { assert, assertEquals } from "@std/assert";
import { assertProblem } from "../http/assert_problem.ts";
import {
  bearer,
  secondsFromNow,
  signedToken,
  TOKEN_SECRET,
  unsignedToken,
} from "../http/auth/signed_token.ts";
import { createPublisherClient } from "../sources/rpc/rpc_clients.ts";
import { test } from "../nats/nats_server.ts";
import { eventually } from "../eventually.ts";
import { Cluster } from "./cluster.ts";
import { Tab } from "./tab.ts";
import { TestService } from "./test_service.ts";

const NEVER = "0.01"; // a token comes back after 100 seconds, so not during a test
const KEY = "a".repeat(32), SHORT_KEY = "short", ORIGIN = "https://app.example";
const ENVIRONMENT = {
  TIDINGS_PUBLISHER_KEYS: `${KEY},${SHORT_KEY}`,
  TIDINGS_TOKEN_SECRET: TOKEN_SECRET,
  TIDINGS_TRUSTED_PROXIES: "127.0.0.0/8",
  TIDINGS_ALLOWED_ORIGINS: ORIGIN,
};

function startWith(environment: Record<string, string> = {}): Promise<TestService> {
  return TestService.start({ ...ENVIRONMENT, ...environment });
}

/** Asks for something as this client, through the proxy. */
async function get(
  { url }: TestService,
  path: string,
  { client = "192.0.2.1", headers = {}, method = "GET" }: {
    client?: string;
    headers?: Record<string, string>;
    method?: "GET" | "HEAD";
  } = {},
): Promise<Response> {
  const response = await fetch(url + path, { method, headers: { "x-forwarded-for": client, ...headers } });
  return new Response(await response.text(), response);
}

/** Repeats a request, and returns the status of each answer. */
async function statuses(count: number, ask: () => Promise<Response>): Promise<number[]> {
  const all: number[] = [];
  for (let n = 0; n < count; n++) all.push((await ask()).status);
  return all;
}

const times = (count: number, status: number) => Array<number>(count).fill(status);
const attempt = (service: TestService, client: string, key = "wrong") =>
  get(service, "/v1/key", { client, headers: bearer(key) });

Deno.test("The service answers the wrong keys of an address with 429 after 50, and those of others with 401", async () => {
  await using service = await startWith();
  assertEquals(await statuses(50, () => attempt(service, "192.0.2.1")), times(50, 401));
  let refused = await attempt(service, "192.0.2.1");
  while (refused.status === 401) refused = await attempt(service, "192.0.2.1"); // one comes back every 100 ms
  assertEquals(refused.headers.get("retry-after"), "1");
  assertEquals(refused.headers.get("ratelimit-policy"), '"attempts";q=50;w=5');
  const { detail } = await assertProblem(refused, "429 quota-exceeded");
  assertEquals(detail, "an address may send 10 wrong keys and tokens a second, and 50 at once");
  assertEquals((await attempt(service, "192.0.2.2")).status, 401);
  assertEquals((await attempt(service, "192.0.2.1, 192.0.2.3")).status, 401);
});

Deno.test("The service accepts a right key and a right token of an address that is over the limit of attempts, but no short key", async () => {
  await using service = await startWith({ TIDINGS_ADDRESS_LIMITS: `attempts=${NEVER}:3` });
  const client = "192.0.2.1", token = await signedToken({ sub: "alexander", exp: secondsFromNow(60) });
  assertEquals((await attempt(service, client, SHORT_KEY)).status, 200);
  assertEquals(await statuses(4, () => attempt(service, client)), [401, 401, 401, 429]);
  assertEquals((await attempt(service, client, KEY)).status, 200);
  assertEquals((await get(service, "/v1/inbox", { client, headers: bearer(token) })).status, 200);
  assertEquals((await attempt(service, client, SHORT_KEY)).status, 429);
  assertEquals((await attempt(service, "192.0.2.2", SHORT_KEY)).status, 200);
  const metrics = await (await get(service, "/metrics", { headers: bearer(KEY) })).text();
  assert(metrics.includes('\ntidings_limited_total{limit="attempts"} 2\n'));
});

Deno.test("The service counts forged and malformed tokens as attempts, and neither expired ones nor requests without any", async () => {
  await using service = await startWith({ TIDINGS_ADDRESS_LIMITS: `attempts=${NEVER}:3` });
  const sub = "alexander",
    ask = (headers: Record<string, string>) => () => get(service, "/v1/inbox", { headers });
  const expired = await signedToken({ sub, exp: secondsFromNow(-600) });
  const early = await signedToken({ sub, nbf: secondsFromNow(600) });
  for (const jwt of [expired, early]) assertEquals(await statuses(5, ask(bearer(jwt))), times(5, 401));
  assertEquals(await statuses(5, ask({})), times(5, 401));
  const wrong = [
    await signedToken({ sub }, { secret: "the secret of somebody else entirely" }),
    unsignedToken({ sub }),
    "no.token.atall",
    unsignedToken({ sub }, { alg: "HS256", signature: "made up" }),
  ];
  const answered: number[] = [];
  for (const jwt of wrong) answered.push((await ask(bearer(jwt))()).status);
  assertEquals(answered, [401, 401, 401, 429]);
  assertEquals(await statuses(2, ask(bearer(expired))), [401, 401]);
});

Deno.test("The service counts the wrong keys of calls, and lets pages read that they have to wait", async () => {
  await using service = await startWith({
    TIDINGS_ADDRESS_LIMITS: `attempts=${NEVER}:1`,
    TIDINGS_TRUSTED_PROXIES: "",
  });
  const client = createPublisherClient({
    way: "Connect in binary",
    baseUrl: service.url,
    key: "wrong",
    fetch,
  });
  for (const code of [16, 8]) {
    const error = await client.notify({ target: "a" }).catch((error) => error);
    assertEquals(error.code, code);
  }
  const headers = { ...bearer("wrong"), origin: ORIGIN };
  const page = await get(service, "/v1/inbox", { headers });
  assertEquals([page.status, page.headers.get("access-control-allow-origin")], [429, ORIGIN]);
});

Deno.test("The service can do without a limit of attempts, and has none in development mode", async () => {
  await using off = await startWith({ TIDINGS_ADDRESS_LIMITS: "attempts=off" });
  assertEquals(await statuses(60, () => attempt(off, "192.0.2.1")), times(60, 401));
  await using development = await TestService.start();
  const wrong = () => get(development, "/v1/inbox", { client: "127.0.0.1", headers: bearer("wrong") });
  assertEquals(await statuses(60, wrong), times(60, 401));
});

Deno.test("The service limits the requests of each address, whatever they are, and describes the limit", async () => {
  await using service = await startWith({ TIDINGS_ADDRESS_LIMITS: `requests=${NEVER}:3` });
  assertEquals((await get(service, "/docs")).headers.get("ratelimit"), null);
  assertEquals((await get(service, "/nowhere", { method: "HEAD" })).status, 404);
  const last = await get(service, "/v1/key", { headers: bearer(KEY) });
  assertEquals(last.headers.get("ratelimit-policy"), '"address-requests";q=3;w=300');
  assertEquals(last.headers.get("ratelimit"), '"address-requests";r=0;t=100');
  const refused = await get(service, "/v1/key", { headers: { ...bearer(KEY), origin: ORIGIN } });
  assertEquals(refused.headers.get("access-control-allow-origin"), ORIGIN);
  assertEquals(refused.headers.get("ratelimit"), '"address-requests";r=0;t=100');
  await assertProblem(refused, "429 quota-exceeded");
  assertEquals((await get(service, "/docs", { client: "192.0.2.2" })).status, 200);
});

Deno.test("The service counts clients of IPv6 by 64 bits, and answers health checks and preflights of everyone", async () => {
  await using service = await startWith({ TIDINGS_ADDRESS_LIMITS: `requests=${NEVER}:1` });
  const ask = (client: string, path = "/docs") => get(service, path, { client });
  assertEquals((await ask("2001:db8:1:2::1")).status, 200);
  assertEquals((await ask("2001:db8:1:2:ffff::2")).status, 429);
  assertEquals((await ask("2001:db8:1:3::1")).status, 200);
  assertEquals([
    (await ask("2001:db8:1:2::1", "/healthz")).status,
    (await ask("2001:db8:1:2::1", "/readyz")).status,
  ], [200, 200]);
  const preflight = await fetch(`${service.url}/v1/inbox`, {
    method: "OPTIONS",
    headers: { origin: ORIGIN, "x-forwarded-for": "2001:db8:1:2::1" },
  });
  assertEquals(preflight.status, 204);
});

Deno.test("The service takes the address of the socket if the proxy is not trusted", async () => {
  await using service = await startWith({
    TIDINGS_ADDRESS_LIMITS: `requests=${NEVER}:2`,
    TIDINGS_TRUSTED_PROXIES: "10.0.0.0/8",
  });
  const clients = ["192.0.2.1", "192.0.2.2", "192.0.2.3"].map((client) => () =>
    get(service, "/docs", { client })
  );
  const answered: number[] = [];
  for (const ask of clients) answered.push((await ask()).status);
  assertEquals(answered, [200, 200, 429]);
});

Deno.test("The service limits new connections of subscribers, and refuses those that would open none without counting them", async () => {
  await using service = await TestService.start({ TIDINGS_CONNECTION_LIMIT: `${NEVER}:2` });
  for (const _ of [1, 2, 3]) {
    assertEquals((await get(service, "/v1/connect?target=a", { client: "127.0.0.1" })).status, 426);
  }
  const { tab } = await Tab.open(service.port, { target: "alexander" });
  await using _ = tab;
  const stream = await fetch(`${service.url}/v1/events?target=alexander`);
  assertEquals(stream.status, 200);
  for (const path of ["/v1/connect?target=a", "/v1/events?target=a"]) {
    const refused = await get(service, path, { client: "127.0.0.1" });
    assertEquals(refused.headers.get("retry-after"), "100");
    const { detail } = await assertProblem(refused, "429 quota-exceeded");
    assertEquals(detail, "this node takes 0.01 new connections a second, and 2 at once");
  }
  await stream.body?.cancel();
});

test("Three nodes take the wrong keys of an address from the limits of all of them within a heartbeat", async () => {
  await using cluster = await Cluster.start(3, {
    ...ENVIRONMENT,
    TIDINGS_ADDRESS_LIMITS: `attempts=${NEVER}:30`,
  });
  for (const index of [0, 1, 2]) await cluster.waitForReadiness(index, 200);
  const tryAt = async (index: number, key: string) => {
    const response = await fetch(`${cluster.node(index).url}/v1/key`, { headers: bearer(key) });
    await response.body?.cancel();
    return response.status;
  };
  for (const index of [0, 1, 2]) assertEquals(await tryAt(index, SHORT_KEY), 200);
  for (let count = 0; count < 30; count++) assertEquals(await tryAt(0, "wrong"), 401);
  for (const index of [0, 1, 2]) {
    await eventually(async () => await tryAt(index, SHORT_KEY) === 429, "a short key is refused");
  }
});
