/** refuseRevoked: valid tokens that were revoked. */

import { assertEquals, assertRejects } from "@std/assert";
import { refuseRevoked } from "../../../src/http/auth/refuse_revoked.ts";
import { Problem } from "../../../src/wire/problem.ts";

const TOKEN = { target: "alexander", jti: "1", issuedAt: 3, expiresAt: null, lifeSeconds: 60 };

function verifier(options: { isRevoked?: boolean; isCurrent?: boolean }) {
  const { isRevoked = false, isCurrent = true } = options;
  return refuseRevoked(() => Promise.resolve(TOKEN), { isRevoked: () => isRevoked, isCurrent });
}

Deno.test("refuseRevoked passes on a token that was not revoked", async () => {
  assertEquals(await verifier({})("jwt"), TOKEN);
});

Deno.test("refuseRevoked refuses a revoked token with 401 revoked, and any other with 503 while revocations may be unknown", async () => {
  for (const isCurrent of [true, false]) {
    const { kind, headers } = await assertRejects(
      () => verifier({ isRevoked: true, isCurrent })("jwt"),
      Problem,
    );
    assertEquals([kind, headers], ["revoked", { "www-authenticate": 'Bearer error="invalid_token"' }]);
  }
  const { kind, headers } = await assertRejects(() => verifier({ isCurrent: false })("jwt"), Problem);
  assertEquals([kind, headers], ["unavailable", { "retry-after": "1" }]);
});

Deno.test("refuseRevoked does not ask for a token that is not valid", async () => {
  const invalid = new Problem("not-authorized", "");
  const verify = refuseRevoked(() => Promise.reject(invalid), { isRevoked: () => true, isCurrent: false });
  assertEquals(await assertRejects(() => verify("jwt"), Problem), invalid);
});
