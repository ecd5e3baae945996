/** Tests of keys and tokens, from the request for a token to the socket that closes when it expires. */

import { assert, assertEquals } from "@std/assert";
import { jwtVerify, SignJWT } from "jose";
import { Tab } from "./tab.ts";
import { TestService } from "./test_service.ts";

const KEY = "publisher-key", SECRET = "a secret of thirty-two bytes, or so";
const SECRETS = { TIDINGS_PUBLISHER_KEYS: KEY, TIDINGS_TOKEN_SECRET: SECRET };
const AUTHORIZATION = { authorization: `Bearer ${KEY}` };

/** Signs a token for Alexander that is valid for this number of seconds. */
function sign(seconds: number, claims: Record<string, unknown> = {}): Promise<string> {
  const now = Date.now() / 1000;
  return new SignJWT({ sub: "alexander", iat: now, exp: now + seconds, ...claims })
    .setProtectedHeader({ alg: "HS256" }).sign(new TextEncoder().encode(SECRET));
}

function open(service: TestService, token: string, query: Record<string, string> = {}) {
  return Tab.open(service.port, query, ["tidings.v1", `tidings.bearer.${token}`]);
}

Deno.test("The service makes a token that a browser connects with", async () => {
  await using service = await TestService.start(SECRETS);
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

Deno.test("The service accepts tokens of the old secret beside the new one, and signs with the new one", async () => {
  const next = "the next secret, of thirty-two bytes or so";
  const rotated = { ...SECRETS, TIDINGS_TOKEN_SECRET: next, TIDINGS_TOKEN_SECRETS_OLD: SECRET };
  await using service = await TestService.start(rotated);
  await using old = (await open(service, await sign(60))).tab;
  const request = { method: "POST", headers: AUTHORIZATION, body: JSON.stringify({ target: "alexander" }) };
  const { token } = await (await fetch(`${service.url}/v1/tokens`, request)).json();
  await jwtVerify(token, new TextEncoder().encode(next));
  await using fresh = (await open(service, token)).tab;
  await service.notify({ target: "alexander", data: 1 }, AUTHORIZATION);
  assertEquals([await old.data(1), await fresh.data(1)], [[1], [1]]);
});

Deno.test("The service closes a connection with 4201 when its token expires, and resumes it with a fresh one", async () => {
  const clock = { now: Date.now() };
  await using service = await TestService.start(SECRETS, {
    limits: { expiryCheckMs: 10 },
    now: () => clock.now,
  });
  const { tab, welcome } = await open(service, await sign(60));
  clock.now += 120_000;
  const { code } = await tab.closed;
  assertEquals(code, 4201);
  await service.waitForConnections(0);
  await service.notify({ target: "alexander", data: "meanwhile" }, AUTHORIZATION);
  const { tab: fresh } = await open(service, await sign(3_600), { after: welcome.position });
  assertEquals(await fresh.data(1), ["meanwhile"]);
});

Deno.test("The service keeps a connection whose token is valid for longer than a timer can run", async () => {
  await using service = await TestService.start(SECRETS);
  const { tab } = await open(service, await sign(100 * 365 * 24 * 60 * 60));
  await service.notify({ target: "alexander", data: 1 }, AUTHORIZATION);
  assertEquals(await tab.data(1), [1]);
});

Deno.test("The service refuses to publish without a key, and to connect without a token", async () => {
  await using service = await TestService.start(SECRETS);
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
