/** Tests VapidTokens: what push services check, and for how long a token is used. */

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { generateVapidKeys } from "../../src/config/vapid.ts";
import { VapidTokens } from "../../src/push/vapid_tokens.ts";
import { checkVapid } from "./vapid_check.ts";

const ORIGIN = "https://push.example.net";
const HOUR_MS = 60 * 60_000;

function createTokens(): { tokens: VapidTokens; publicKey: string } {
  const keys = generateVapidKeys();
  const identity = { ...keys, subject: "mailto:push@example.com" };
  return { tokens: new VapidTokens(identity, { now: Date.now }), publicKey: keys.publicKey };
}

Deno.test("VapidTokens signs the claims of RFC 8292 for the origin, for twelve hours", async () => {
  using time = new FakeTime("2016-01-23T04:36:08.900Z");
  const { tokens, publicKey } = createTokens();
  const { key, payload } = await checkVapid(await tokens.authorize(ORIGIN), ORIGIN);
  assertEquals(key, publicKey);
  const exp = Math.floor((time.now + 12 * HOUR_MS) / 1000);
  assertEquals(payload, { aud: ORIGIN, exp, sub: "mailto:push@example.com" });
});

Deno.test("VapidTokens uses a token again for its origin, and always one that is valid for an hour more", async () => {
  using time = new FakeTime();
  const { tokens } = createTokens();
  const first = await tokens.authorize(ORIGIN);
  assertNotEquals(await tokens.authorize("https://push.example.com"), first);
  for (let hours = 0; hours < 30; hours++) {
    const { payload } = await checkVapid(await tokens.authorize(ORIGIN), ORIGIN);
    assert((payload.exp ?? 0) * 1000 >= time.now + HOUR_MS - 1000);
    assertEquals(await tokens.authorize(ORIGIN) === first, hours <= 11, `after ${hours} hours`);
    time.tick(HOUR_MS);
  }
});

Deno.test("VapidTokens signs again when the clock was set back, as services refuse more than a day", async () => {
  let now = Date.now() + 48 * HOUR_MS;
  const tokens = new VapidTokens(
    { ...generateVapidKeys(), subject: "https://example.com/contact" },
    { now: () => now },
  );
  const first = await tokens.authorize(ORIGIN);
  now -= 48 * HOUR_MS;
  const second = await tokens.authorize(ORIGIN);
  assertNotEquals(second, first);
  await checkVapid(second, ORIGIN);
});

Deno.test("VapidTokens remembers at most 256 origins, the newest", async () => {
  using time = new FakeTime();
  const { tokens } = createTokens();
  const first = await tokens.authorize("https://0.example.com");
  for (let n = 1; n < 256; n++) await tokens.authorize(`https://${n}.example.com`);
  assertEquals(await tokens.authorize("https://0.example.com"), first);
  time.tick(1_000); // within a second, Deno signs the same claims with the same signature
  const last = await tokens.authorize("https://256.example.com");
  assertNotEquals(await tokens.authorize("https://0.example.com"), first);
  assertEquals(await tokens.authorize("https://256.example.com"), last);
});
