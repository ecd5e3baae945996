/** revoke: an operator revokes tokens. */

import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { UnavailableError } from "../../../src/journal/journal.ts";
import type { Revocation, Revocations } from "../../../src/revocation/revocations.ts";
import { assertProblem } from "../assert_problem.ts";
import { CONFIG, createTestApp, PUBLISHER_KEY } from "../test_app.ts";

const NOW = "2026-01-01T00:00:00.700Z", SECOND = Date.parse("2026-01-01T00:00:00Z");
const MINUTE_MS = 60_000;

function setUp(add: Revocations["add"] = (revocation) => Promise.resolve(revocation)) {
  const added: Revocation[] = [];
  const config = { tokens: { ...CONFIG.tokens, maxSeconds: 7_200 } };
  const { app } = createTestApp({
    config,
    revocations: {
      add(revocation) {
        added.push(revocation);
        return add(revocation);
      },
      isRevoked: () => false,
      isCurrent: true,
    },
  });
  const request = (body: BodyInit | null) =>
    Promise.resolve(app.request("/v1/revocations", {
      method: "POST",
      headers: { authorization: `Bearer ${PUBLISHER_KEY}` },
      body,
    }));
  return { added, request };
}

Deno.test("revoke revokes the token with a jti, for as long as a token can live", async () => {
  using time = new FakeTime(NOW);
  const { added, request } = setUp(), keptUntil = time.now + 7_200_000 + MINUTE_MS;
  const response = await request('{"jti":"1"}');
  assertEquals(added, [{ jti: "1", keptUntil }]);
  assertEquals([response.status, await response.json()], [
    200,
    { jti: "1", kept_until: new Date(keptUntil).toISOString() },
  ]);
});

Deno.test("revoke revokes all tokens of a target that were issued until the end of this second", async () => {
  using _ = new FakeTime(NOW);
  const { added, request } = setUp();
  const { issued_before } = await (await request('{"target":"alexander"}')).json();
  assertEquals(issued_before, "2026-01-01T00:00:01.000Z");
  assertEquals(added.map((one) => "target" in one && [one.target, one.issuedBefore]), [
    ["alexander", SECOND + 1_000],
  ]);
});

Deno.test("revoke revokes what a target got before a time", async () => {
  using _ = new FakeTime(NOW);
  const { added, request } = setUp();
  const response = await request('{"target":"alexander","issued_before":"2026-01-01T01:00:03.5+01:00"}');
  assertEquals((await response.json()).issued_before, "2026-01-01T00:00:03.500Z"); // within the tolerance of clocks
  assertEquals(added.map((one) => "target" in one && one.issuedBefore), [SECOND + 3_500]);
});

Deno.test("revoke keeps a revocation until the time when the tokens expire", async () => {
  using _ = new FakeTime(NOW);
  const { added, request } = setUp();
  for (const body of ['{"jti":"1",', '{"target":"alexander",']) {
    await request(`${body}"expires_at":"2036-01-01T00:00:00Z"}`);
  }
  const keptUntil = Date.parse("2036-01-01T00:00:00Z") + MINUTE_MS;
  assertEquals(added.map((one) => one.keptUntil), [keptUntil, keptUntil]);
});

Deno.test("revoke answers with what is kept, if more was revoked before", async () => {
  const { request } = setUp((revocation) =>
    Promise.resolve({ ...revocation, issuedBefore: SECOND, keptUntil: SECOND })
  );
  assertEquals(await (await request('{"target":"a"}')).json(), {
    target: "a",
    issued_before: "2026-01-01T00:00:00.000Z",
    kept_until: "2026-01-01T00:00:00.000Z",
  });
});

const REFUSED: readonly [string, BodyInit | null, string][] = [
  ["no body", null, "400 not-json"],
  ["neither jti nor target", "{}", "422 does-not-fit"],
  ["both jti and target", '{"jti":"1","target":"a"}', "422 does-not-fit"],
  ["an empty jti", '{"jti":""}', "422 does-not-fit"],
  ["a jti of more than 256 characters", JSON.stringify({ jti: "j".repeat(257) }), "422 does-not-fit"],
  ["a jti of more than 256 UTF-16 units", JSON.stringify({ jti: "😀".repeat(129) }), "422 does-not-fit"],
  ["a jti with a lone surrogate", JSON.stringify({ jti: "\ud800" }), "422 does-not-fit"],
  ["issued_before with a jti", '{"jti":"1","issued_before":"2026-01-01T00:00:00Z"}', "422 does-not-fit"],
  ["a time without a zone", '{"target":"a","issued_before":"2026-01-01T00:00:00"}', "422 does-not-fit"],
  ["a time in the future", '{"target":"a","issued_before":"2026-01-01T00:00:06Z"}', "422 does-not-fit"],
  ["an unknown field", '{"target":"a","reason":"theft"}', "422 does-not-fit"],
  ["a body over 4 KiB", JSON.stringify({ jti: "j".repeat(4_096) }), "413 too-large"],
];

for (const [what, body, kind] of REFUSED) {
  Deno.test(`revoke refuses ${what} with ${kind}, and revokes nothing`, async () => {
    using _ = new FakeTime(NOW);
    const { added, request } = setUp();
    await assertProblem(await request(body), kind);
    assertEquals(added, []);
  });
}

Deno.test("revoke answers 503 if the revocation may not be kept", async () => {
  const { request } = setUp(() => Promise.reject(new UnavailableError("no room")));
  await assertProblem(await request('{"jti":"1"}'), "503 unavailable");
});
