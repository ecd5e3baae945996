/** tokens: a backend asks for a token for one of its users. */

import { assert, assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { decodeProtectedHeader } from "jose";
import type { Config } from "../../../src/config/config.ts";
import { tokenVerifier } from "../../../src/http/auth/token_verifier.ts";
import { assertProblem } from "../assert_problem.ts";
import { CONFIG, PUBLISHER_KEY, testApp } from "../test_app.ts";

const NOW = "2026-01-01T00:00:00.700Z", SECOND = Date.parse("2026-01-01T00:00:00Z");

async function ask(body: BodyInit | null, config: Partial<Config> = {}): Promise<Response> {
  const headers = { authorization: `Bearer ${PUBLISHER_KEY}` };
  return await testApp({ config }).app.request("/v1/tokens", { method: "POST", headers, body });
}

Deno.test("tokens gives a token for the target, for an hour", async () => {
  using _ = new FakeTime(NOW);
  const { token, ...rest } = await (await ask('{"target":"alexander"}')).json();
  assertEquals(rest, { expires_at: "2026-01-01T01:00:00.000Z" });
  assertEquals(await tokenVerifier(CONFIG.tokens)(token), {
    target: "alexander",
    expiresAt: SECOND + 3_600_000,
    lifeSeconds: 3_600,
  });
});

for (const seconds of [1, 300, 2_592_000]) {
  Deno.test(`tokens gives a token for ${seconds} seconds, if asked to`, async () => {
    using _ = new FakeTime(NOW);
    const answer = await (await ask(JSON.stringify({ target: "a", expires_in: seconds }))).json();
    const { expiresAt, lifeSeconds } = await tokenVerifier(CONFIG.tokens)(answer.token);
    assertEquals([expiresAt, lifeSeconds], [Date.parse(answer.expires_at), seconds]);
    assertEquals(answer.expires_at, new Date(SECOND + seconds * 1_000).toISOString());
  });
}

Deno.test("tokens gives tokens with the issuer and the audience that are required of them", async () => {
  const config = { ...CONFIG.tokens, issuer: "https://id.example", audience: "tidings" };
  const { token } = await (await ask('{"target":"Þór/№ 7"}', { tokens: config })).json();
  assertEquals((await tokenVerifier(config)(token)).target, "Þór/№ 7");
  assertEquals(decodeProtectedHeader(token), { alg: "HS256" });
});

Deno.test("tokens gives tokens where there is a key set too", async () => {
  const config = { ...CONFIG.tokens, jwksUrl: "https://id.example/keys" };
  const { token } = await (await ask('{"target":"alexander"}', { tokens: config })).json();
  assertEquals((await tokenVerifier(config)(token)).target, "alexander");
});

Deno.test("tokens cannot sign where tokens are verified by a key set only", async () => {
  const config = { ...CONFIG.tokens, secret: null, jwksUrl: "https://id.example/keys" };
  for (const body of ['{"target":"alexander"}', "no JSON"]) {
    await assertProblem(await ask(body, { tokens: config }), "501 not-here");
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
  ["a life of no second", '{"target":"a","expires_in":0}', "422 does-not-fit"],
  ["a life of a second over 30 days", '{"target":"a","expires_in":2592001}', "422 does-not-fit"],
  ["several targets", '[{"target":"a"},{"target":"b"}]', "422 does-not-fit"],
];

for (const [what, body, problem] of REFUSED) {
  Deno.test(`tokens refuses ${what}: ${problem}`, async () => {
    const { errors } = await assertProblem(await ask(body), problem);
    assertEquals(errors !== undefined, problem.startsWith("422"));
  });
}

Deno.test("tokens takes the longest target, however it is written", async () => {
  const target = "\\u00e4".repeat(256);
  const { token } = await (await ask(`{"target":"${target}"}`)).json();
  assert(token.length > 256);
});
