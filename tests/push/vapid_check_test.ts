/** Tests the check of VAPID of the tests with the example of RFC 8292. */

import { assertEquals, assertRejects } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { checkVapid } from "./vapid_check.ts";

/** RFC 8292, section 2.4. It expires on 2016-01-23 at 04:36:08. */
const AUTHORIZATION =
  "vapid t=eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3NjgsInN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0.i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmysazNjjvW2L9OkSSHzvoD1oA, k=BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs";
const ORIGIN = "https://push.example.net";
const EXPIRES_AT = Date.UTC(2016, 0, 23, 4, 36, 8);

Deno.test("checkVapid accepts the example of RFC 8292", async () => {
  using _ = new FakeTime(EXPIRES_AT - 1_000);
  const { payload } = await checkVapid(AUTHORIZATION, ORIGIN);
  assertEquals(payload, { aud: ORIGIN, exp: EXPIRES_AT / 1_000, sub: "mailto:push@example.com" });
});

const OTHER_KEY = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const DAY_MS = 24 * 60 * 60 * 1_000;

for (
  const [what, { authorization = AUTHORIZATION, origin = ORIGIN, at = EXPIRES_AT - 1_000 }, message] of [
    ["another origin", { origin: "https://push.example.com" }, "aud"],
    ["another key", { authorization: AUTHORIZATION.replace(/k=.*/, `k=${OTHER_KEY}`) }, "signature"],
    ["no credentials", { authorization: "" }, "no credentials"],
    ["a token that has expired", { at: EXPIRES_AT }, "exp"],
    ["a token of more than a day", { at: EXPIRES_AT - DAY_MS - 1_000 }, "too far"],
  ] as const satisfies [string, { authorization?: string; origin?: string; at?: number }, string][]
) {
  Deno.test(`checkVapid refuses ${what}`, async () => {
    using _ = new FakeTime(at);
    await assertRejects(() => checkVapid(authorization, origin), Error, message);
  });
}
