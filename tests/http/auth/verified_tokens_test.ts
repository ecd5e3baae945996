/** VerifiedTokens: what is remembered of tokens, how long, and how much. */

import { assert, assertEquals } from "@std/assert";
import { VerifiedTokens } from "../../../src/http/auth/verified_tokens.ts";

const MINUTE = 60_000;

Deno.test("VerifiedTokens knows what a token said, and no other token", () => {
  const verified = new VerifiedTokens();
  verified.remember("a.b.c", { sub: "alexander", iat: 1, exp: 2, aud: "tidings" } as { sub: string });
  assertEquals(verified.find("a.b.c"), { sub: "alexander", iat: 1, exp: 2 });
  assertEquals(verified.find("a.b.d"), undefined);
});

Deno.test("VerifiedTokens forgets a token within ten minutes, however often it is asked for", () => {
  const clock = { now: 0 };
  const verified = new VerifiedTokens({ now: () => clock.now });
  for (let startMinute = 0; startMinute < 30; startMinute += 3) {
    clock.now = startMinute * MINUTE;
    verified.remember(`token ${startMinute}`, { sub: "alexander" });
  }
  verified.remember("last", { sub: "alexander" });
  for (let minute = 0; minute < 5; minute++) {
    assert(verified.find("last"), `after ${minute} minutes`);
    clock.now += MINUTE;
  }
  clock.now += 5 * MINUTE;
  assertEquals(verified.find("last"), undefined);
});

Deno.test("VerifiedTokens remembers only so many, and of those the latest", () => {
  const verified = new VerifiedTokens({ max: 10, now: () => 0 });
  const tokens = Array.from({ length: 100 }, (_, n) => `token ${n}`);
  for (const token of tokens) verified.remember(token, { sub: token });
  const known = tokens.filter((token) => verified.find(token) !== undefined);
  assert(known.length >= 5 && known.length <= 10, `${known.length}`);
  assertEquals(known, tokens.slice(-known.length));
});
