/** TokenCache: what it stores of a token, how long, and how many. */

import { assert, assertEquals } from "@std/assert";
import { TokenCache } from "../../../src/http/auth/token_cache.ts";

const MINUTE = 60_000;

Deno.test("TokenCache returns the claims of a token, and undefined for any other token", () => {
  const cache = new TokenCache();
  cache.set("a.b.c", { sub: "alexander", iat: 1, exp: 2, aud: "tidings" } as { sub: string });
  assertEquals(cache.get("a.b.c"), { sub: "alexander", iat: 1, exp: 2 });
  assertEquals(cache.get("a.b.d"), undefined);
});

Deno.test("TokenCache forgets a token within ten minutes, even if it is read often", () => {
  const clock = { now: 0 };
  const cache = new TokenCache({ now: () => clock.now });
  for (let startMinute = 0; startMinute < 30; startMinute += 3) {
    clock.now = startMinute * MINUTE;
    cache.set(`token ${startMinute}`, { sub: "alexander" });
  }
  cache.set("last", { sub: "alexander" });
  for (let minute = 0; minute < 5; minute++) {
    assert(cache.get("last"), `after ${minute} minutes`);
    clock.now += MINUTE;
  }
  clock.now += 5 * MINUTE;
  assertEquals(cache.get("last"), undefined);
});

Deno.test("TokenCache keeps a limited number of tokens, the latest ones", () => {
  const cache = new TokenCache({ max: 10, now: () => 0 });
  const tokens = Array.from({ length: 100 }, (_, n) => `token ${n}`);
  for (const token of tokens) cache.set(token, { sub: token });
  const known = tokens.filter((token) => cache.get(token) !== undefined);
  assert(known.length >= 5 && known.length <= 10, `${known.length}`);
  assertEquals(known, tokens.slice(-known.length));
});
