/** RevocationIndex: how many revocations it forgets at a time. */

import { assertEquals } from "@std/assert";
import { RevocationIndex } from "../../src/revocation/revocation_index.ts";

Deno.test("RevocationIndex.expire forgets many revocations in several turns, and none too early", () => {
  const index = new RevocationIndex();
  for (let jti = 0; jti < 2_500; jti++) index.set({ jti: `${jti}`, keptUntil: 1_000 });
  index.set({ target: "alexander", issuedBefore: 500, keptUntil: 1_001 });
  assertEquals([999, 1_000, 1_000, 1_000, 1_000].map((now) => index.expire(now).length), [
    0,
    ...[1_000, 1_000, 500, 0],
  ]);
  assertEquals([...index.all], [{ target: "alexander", issuedBefore: 500, keptUntil: 1_001 }]);
});
