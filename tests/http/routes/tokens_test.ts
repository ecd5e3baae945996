/** tokens: a backend requests a token for one of its users. */

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { decodeJwt, decodeProtectedHeader } from "jose";
import type { Config } from "../../../src/config/config.ts";
import { createTokenVerifier } from "../../../src/http/auth/token_verifier.ts";
import { assertProblem } from "../assert_problem.ts";
import type { TokenIdentity } from "../../../src/revocation/revocations.ts";
import { CONFIG, createTestApp, PUBLISHER_KEY, unexpected } from "../test_app.ts";

const NOW = "2026-01-01T00:00:00.700Z", SECOND = Date.parse("2026-01-01T00:00:00Z");

async function request(body: BodyInit | null, config: Partial<Config> = {}): Promise<Response> {
  const headers = { authorization: `Bearer ${PUBLISHER_KEY}` };
  return await createTestApp({ config }).app.request("/v1/tokens", { method: "POST", headers, body });
}

Deno.test("tokens issues a token for the target that is valid for an hour", async () => {
  using _ = new FakeTime(NOW);
  const { token, jti, ...rest } = await (await request('{"target":"alexander"}')).json();
  assertEquals(rest, { expires_at: "2026-01-01T01:00:00.000Z" });
  assertEquals(await createTokenVerifier(CONFIG.tokens)(token), {
    target: "alexander",
    jti,
    issuedAt: SECOND / 1_000,
    expiresAt: SECOND + 3_600_000,
    lifeSeconds: 3_600,
  });
});

Deno.test("tokens gives each token a jti of its own, and an iat that is not revoked", async () => {
  using _ = new FakeTime(NOW);
  const isRevoked = ({ issuedAt }: TokenIdentity) => (issuedAt ?? 0) < SECOND / 1_000 + 1;
  const { app } = createTestApp({ revocations: { add: unexpected, isRevoked, isCurrent: true } });
  const issue = async () => {
    const headers = { authorization: `Bearer ${PUBLISHER_KEY}` }, body = '{"target":"alexander"}';
    const { token, jti } = await (await app.request("/v1/tokens", { method: "POST", headers, body })).json();
    return { jti, ...decodeJwt(token) };
  };
  const [one, other] = [await issue(), await issue()];
  assertEquals([one.iat, one.exp], [SECOND / 1_000 + 1, SECOND / 1_000 + 3_601]);
  assertNotEquals(one.jti, other.jti);
});

for (const seconds of [1, 300, 2_592_000]) {
  Deno.test(`tokens issues a token for ${seconds} seconds on request`, async () => {
    using _ = new FakeTime(NOW);
    const answer = await (await request(JSON.stringify({ target: "a", expires_in: seconds }))).json();
    const { expiresAt, lifeSeconds } = await createTokenVerifier(CONFIG.tokens)(answer.token);
    assertEquals([expiresAt, lifeSeconds], [Date.parse(answer.expires_at), seconds]);
    assertEquals(answer.expires_at, new Date(SECOND + seconds * 1_000).toISOString());
  });
}

Deno.test("tokens issues tokens with the configured issuer and audience", async () => {
  const config = { ...CONFIG.tokens, issuer: "https://id.example", audience: "tidings" };
  const { token } = await (await request('{"target":"Þór/№ 7"}', { tokens: config })).json();
  assertEquals((await createTokenVerifier(config)(token)).target, "Þór/№ 7");
  assertEquals(decodeProtectedHeader(token), { alg: "HS256" });
});

Deno.test("tokens issues tokens if a key set is configured too", async () => {
  const config = { ...CONFIG.tokens, jwksUrl: "https://id.example/keys" };
  const { token } = await (await request('{"target":"alexander"}', { tokens: config })).json();
  assertEquals((await createTokenVerifier(config)(token)).target, "alexander");
});

Deno.test("tokens answers 501 if only a key set is configured", async () => {
  const config = { ...CONFIG.tokens, secret: null, jwksUrl: "https://id.example/keys" };
  for (const body of ['{"target":"alexander"}', "no JSON"]) {
    await assertProblem(await request(body, { tokens: config }), "501 not-here");
  }
});

const REFUSED: readonly [string, BodyInit | null, string][] = [
  ["no body", null, "400 not-json"],
  ["what is not JSON", "target=alexander", "400 not-json"],
  ["what is not UTF-8", Uint8Array.of(0x22, 0xff, 0x22), "400 bad-request"],
  ["a body over 4 KiB", `{"target":"alexander"${" ".repeat(4_096)}}`, "413 too-large"],
  ["no target", "{}", "422 does-not-fit"],
  ["an empty target", '{"target":""}', "422 does-not-fit"],
  ["an unknown field", '{"target":"a","audience":"b"}', "422 does-not-fit"],
  ["a lifetime of 0 seconds", '{"target":"a","expires_in":0}', "422 does-not-fit"],
  ["a lifetime of 30 days and a second", '{"target":"a","expires_in":2592001}', "422 does-not-fit"],
  ["several targets", '[{"target":"a"},{"target":"b"}]', "422 does-not-fit"],
];

for (const [what, body, problem] of REFUSED) {
  Deno.test(`tokens refuses ${what}: ${problem}`, async () => {
    const { errors } = await assertProblem(await request(body), problem);
    assertEquals(errors !== undefined, problem.startsWith("422"));
  });
}

Deno.test("tokens accepts the longest target, even if it is escaped", async () => {
  const target = "\\u00e4".repeat(256);
  const { token } = await (await request(`{"target":"${target}"}`)).json();
  assert(token.length > 256);
});
