/** KeySet: which keys it tries for a token, and when it fetches the set again. */

import { assertEquals, assertRejects } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { errors, type JWK } from "jose";
import { KeySet } from "../../../src/http/auth/key_set.ts";
import { IdentityProvider } from "./identity_provider.ts";

const CLAIMS = { sub: "alexander" };
const OPTIONS = { algorithms: ["ES256", "RS256"] };

async function assertVerified(set: KeySet, jwt: string): Promise<void> {
  assertEquals((await set.verify(jwt, OPTIONS)).payload.sub, "alexander");
}

async function assertRefused(set: KeySet, jwt: string): Promise<void> {
  await assertRejects(() => set.verify(jwt, OPTIONS), errors.JOSEError);
}

Deno.test("KeySet tries every key that fits, whether keys and tokens have a kid or not", async () => {
  for (const publishesKid of [true, false]) {
    for (const signsKid of [true, false]) {
      await using provider = new IdentityProvider({ publishesKid, signsKid });
      for (const [name, alg] of [["a", "ES256"], ["b", "ES256"], ["c", "RS256"]] as const) {
        await provider.add(name, alg);
      }
      const set = new KeySet(provider.url);
      for (const name of ["a", "b", "c"]) await assertVerified(set, await provider.sign(name, CLAIMS));
      assertEquals(provider.requests, 1, `kid: ${publishesKid}, ${signsKid}`);
    }
  }
});

for (const names of [["a"], ["a", "b"]]) {
  Deno.test(`KeySet refuses what none of ${names.length} keys without a kid has signed`, async () => {
    await using provider = new IdentityProvider({ publishesKid: false, signsKid: false });
    await using other = new IdentityProvider({ publishesKid: false, signsKid: false });
    for (const name of names) await provider.add(name, "ES256");
    await other.add("other", "ES256");
    const set = new KeySet(provider.url);
    await assertRefused(set, await other.sign("other", CLAIMS));
    await assertVerified(set, await provider.sign("a", CLAIMS));
  });
}

Deno.test("KeySet refuses an expired token of any of several keys, and does not fetch the set for it", async () => {
  await using provider = new IdentityProvider({ publishesKid: false, signsKid: false });
  for (const name of ["a", "b"]) await provider.add(name, "ES256");
  const set = new KeySet(provider.url);
  for (const name of ["a", "b"]) await assertRefused(set, await provider.sign(name, { ...CLAIMS, exp: 0 }));
  assertEquals(provider.requests, 1);
});

for (const kids of [{}, { publishesKid: false, signsKid: false }]) {
  const what = "publishesKid" in kids ? "without a kid" : "with the kid of the old one";
  Deno.test(`KeySet accepts tokens of a new key ${what} at once`, async () => {
    await using provider = new IdentityProvider(kids);
    await provider.add("key", "ES256");
    const set = new KeySet(provider.url);
    await assertVerified(set, await provider.sign("key", CLAIMS));
    await provider.add("key", "ES256");
    const jwts = await Promise.all(Array.from({ length: 8 }, () => provider.sign("key", CLAIMS)));
    await Promise.all(jwts.map((jwt) => assertVerified(set, jwt)));
    assertEquals(provider.requests, 2, "tokens that come together share a request");
  });
}

Deno.test("KeySet fetches the set for tokens that no key fits at most once in ten seconds", async () => {
  using time = new FakeTime();
  await using provider = new IdentityProvider();
  await using other = new IdentityProvider();
  await provider.add("old", "ES256");
  for (const name of ["old", "unknown"]) await other.add(name, "ES256");
  const set = new KeySet(provider.url);
  await assertVerified(set, await provider.sign("old", CLAIMS));
  for (let repeat = 0; repeat < 3; repeat++) {
    for (const name of ["old", "unknown"]) await assertRefused(set, await other.sign(name, CLAIMS));
  }
  assertEquals(provider.requests, 2);
  await provider.add("new", "ES256");
  const jwt = await provider.sign("new", CLAIMS);
  await assertRefused(set, jwt);
  time.tick(10_000);
  await assertVerified(set, jwt);
  assertEquals(provider.requests, 3);
});

Deno.test("KeySet rejects with the error of the request if the set cannot be fetched again", async () => {
  let isBroken = false;
  await using provider = new IdentityProvider({
    answer: (keys) => isBroken ? new Response("no", { status: 500 }) : Response.json({ keys }),
  });
  await provider.add("old", "ES256");
  const set = new KeySet(provider.url);
  const old = await provider.sign("old", CLAIMS);
  await assertVerified(set, old);
  isBroken = true;
  await provider.add("new", "ES256");
  const jwt = await provider.sign("new", CLAIMS);
  const error = await assertRejects(() => set.verify(jwt, OPTIONS), errors.JOSEError);
  assertEquals(error.code, "ERR_JOSE_GENERIC");
  await assertVerified(set, old);
});

/** Keys that fit a token by RS256, and that nothing can be verified with. */
const UNUSABLE: readonly (readonly [string, JWK])[] = [
  ["shorter than 2048 bits", {
    kty: "RSA",
    e: "AQAB",
    n: new Uint8Array(128).fill(255).toBase64({ alphabet: "base64url" }),
  }],
  ["not in base64", { kty: "RSA", e: "AQAB", n: "!" }],
];

for (const [what, unusable] of UNUSABLE) {
  Deno.test(`KeySet tries the other keys if one is ${what}`, async () => {
    await using provider = new IdentityProvider({
      publishesKid: false,
      answer: (keys) => Response.json({ keys: [unusable, ...keys] }),
    });
    await provider.add("usable", "RS256");
    await assertVerified(new KeySet(provider.url), await provider.sign("usable", CLAIMS));
  });

  Deno.test(`KeySet fetches the set again if its only key is ${what}`, async () => {
    let isMended = false;
    await using provider = new IdentityProvider({
      publishesKid: false,
      answer: (keys) => Response.json({ keys: isMended ? keys : [unusable] }),
    });
    await provider.add("usable", "RS256");
    const set = new KeySet(provider.url), jwt = await provider.sign("usable", CLAIMS);
    using time = new FakeTime();
    await assertRejects(() => set.verify(jwt, OPTIONS));
    isMended = true;
    time.tick(10_000);
    await assertVerified(set, jwt);
  });
}
