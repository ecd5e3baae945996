/** Keys and tokens, from the backend's request to the socket that is closed when its token expires. */

import { assert, assertEquals } from "@std/assert";
import { SignJWT } from "jose";
import { Running } from "./running.ts";
import { Tab } from "./tab.ts";

const KEY = "publisher-key", SECRET = "a secret of thirty-two bytes, or so";
const SECRETS = { TIDINGS_PUBLISHER_KEYS: KEY, TIDINGS_TOKEN_SECRET: SECRET };
const AUTHORIZATION = { authorization: `Bearer ${KEY}` };

/** A token for Alexander that is good for so many seconds. */
function sign(seconds: number, claims: Record<string, unknown> = {}): Promise<string> {
  const now = Date.now() / 1000;
  return new SignJWT({ sub: "alexander", iat: now, exp: now + seconds, ...claims })
    .setProtectedHeader({ alg: "HS256" }).sign(new TextEncoder().encode(SECRET));
}

function open(service: Running, token: string, query: Record<string, string> = {}) {
  return Tab.open(service.port, query, ["tidings.v1", `tidings.bearer.${token}`]);
}

Deno.test("The service makes a token that a browser connects with", async () => {
  await using service = await Running.started(SECRETS);
  const request = {
    method: "POST",
    headers: AUTHORIZATION,
    body: JSON.stringify({ target: "alexander", expires_in: 60 }),
  };
  const answer = await (await fetch(`${service.url}/v1/tokens`, request)).json();
  assert(Date.parse(answer.expires_at) - Date.now() <= 60_000);
  const { tab, welcome } = await open(service, answer.token);
  assertEquals(welcome.target, "alexander");
  await service.notify({ target: "alexander", data: 1 }, AUTHORIZATION);
  assertEquals(await tab.data(1), [1]);
});

Deno.test("The service closes a connection with 4201 when its token expires, and resumes it with a fresh one", async () => {
  const clock = { now: Date.now() };
  await using service = await Running.started(SECRETS, { expiryCheckMs: 10 }, () => clock.now);
  const { tab, welcome } = await open(service, await sign(60));
  clock.now += 120_000;
  const { code } = await tab.closed;
  assertEquals(code, 4201);
  await service.holds(0);
  await service.notify({ target: "alexander", data: "meanwhile" }, AUTHORIZATION);
  const { tab: fresh } = await open(service, await sign(3_600), { after: welcome.position });
  assertEquals(await fresh.data(1), ["meanwhile"]);
});

Deno.test("The service keeps a connection whose token lives longer than a timer can", async () => {
  await using service = await Running.started(SECRETS);
  const { tab } = await open(service, await sign(100 * 365 * 24 * 60 * 60));
  await service.notify({ target: "alexander", data: 1 }, AUTHORIZATION);
  assertEquals(await tab.data(1), [1]);
});

Deno.test("The service neither publishes nor connects without a key or a token", async () => {
  await using service = await Running.started(SECRETS);
  const body = JSON.stringify({ target: "alexander", data: 1 });
  for (
    const headers of [{}, { authorization: "Bearer guess" }, { authorization: `Bearer ${await sign(60)}` }]
  ) {
    const response = await fetch(`${service.url}/v1/notify`, { method: "POST", body, headers });
    await response.body?.cancel();
    assertEquals([response.status, response.headers.get("www-authenticate")], [401, "Bearer"]);
  }
  const plain = await fetch(`${service.url}/v1/connect?target=alexander`);
  await plain.body?.cancel();
  assertEquals(plain.status, 401);
});
