/** createTokenVerifier: which tokens are accepted, and what they contain. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import type { JWTPayload } from "jose";
import type { TokenConfig } from "../../../src/config/config.ts";
import { createTokenVerifier, type Token, type VerifyToken } from "../../../src/http/auth/token_verifier.ts";
import { Problem } from "../../../src/wire/problem.ts";
import { IdentityProvider } from "./identity_provider.ts";
import { secondsFromNow, signedToken, TOKEN_SECRET, unsignedToken } from "./signed_token.ts";

const NOTHING: TokenConfig = {
  secret: null,
  oldSecrets: [],
  jwksUrl: null,
  issuer: null,
  audience: null,
  maxSeconds: 2_592_000,
};
const BY_SECRET: TokenConfig = { ...NOTHING, secret: TOKEN_SECRET };
const STRICT: TokenConfig = { ...BY_SECRET, issuer: "https://id.example", audience: "tidings" };

async function assertRefused(verify: VerifyToken, jwt: string): Promise<void> {
  const problem = await assertRejects(() => verify(jwt), Problem);
  assertEquals([problem.kind, problem.headers["www-authenticate"]], [
    "not-authorized",
    'Bearer error="invalid_token"',
  ], problem.message);
}

async function assertUnavailable(verify: VerifyToken, jwt: string): Promise<void> {
  const problem = await assertRejects(() => verify(jwt), Problem);
  assertEquals([problem.kind, problem.headers], ["unavailable", { "retry-after": "5" }], problem.message);
  assert(problem.cause !== undefined, "the cause is logged");
}

Deno.test("verify accepts a token that is signed with the secret", async () => {
  const token = await createTokenVerifier(BY_SECRET)(await signedToken({ sub: "alexander" }));
  assertEquals(token, {
    target: "alexander",
    jti: null,
    issuedAt: 0,
    expiresAt: null,
    lifeSeconds: Infinity,
  });
});

Deno.test("verify returns the expiry and the lifetime of a token, from now if it has no iat", async () => {
  using time = new FakeTime("2026-01-01T00:00:00Z");
  const verify = createTokenVerifier(BY_SECRET);
  const claims = { sub: "alexander", exp: secondsFromNow(60) };
  const expected: Token = {
    target: "alexander",
    jti: null,
    issuedAt: 0,
    expiresAt: time.now + 60_000,
    lifeSeconds: 60,
  };
  assertEquals(await verify(await signedToken(claims)), expected);
  const issuedAt = secondsFromNow(-600), old = await signedToken({ ...claims, iat: issuedAt });
  assertEquals(await verify(old), { ...expected, issuedAt, lifeSeconds: 660 });
});

Deno.test("verify returns the same for a token that is used again, and refuses it when it has expired", async () => {
  using time = new FakeTime("2026-01-01T00:00:00Z");
  const verify = createTokenVerifier(BY_SECRET);
  const jwt = await signedToken({ sub: "alexander", iat: secondsFromNow(-60), exp: secondsFromNow(60) });
  const first = await verify(jwt);
  assertEquals(first.lifeSeconds, 120);
  time.tick(64_999); // the clock tolerance
  assertEquals(await verify(jwt), { ...first, expiresAt: time.now + 1 });
  time.tick(1);
  await assertRefused(verify, jwt);
});

/** Valid tokens: the description, the claims beside `sub` for the current second, and how long the connection lasts. */
const VALID_NOW: readonly [string, (now: number) => JWTPayload, number | null][] = [
  ["expires in a second", (now) => ({ exp: now + 1 }), 1],
  ["expired 4 seconds ago, within the clock tolerance", (now) => ({ exp: now - 4 }), 1],
  ["expires this very second", (now) => ({ exp: now }), 5],
  ["becomes valid in 5 seconds, within the clock tolerance", (now) => ({ nbf: now + 5 }), null],
  ["became valid a second ago", (now) => ({ nbf: now - 1 }), null],
  ["was issued 5 seconds from now, within the clock tolerance", (now) => ({ iat: now + 5 }), 2_592_005],
  ["was issued 30 days ago, within the clock tolerance", (now) => ({ iat: now - 2_592_004 }), 1],
  ["was issued a day ago for a year", (now) => ({ iat: now - 86_400, exp: now + 31_536_000 }), 2_505_600],
];

Deno.test("verify refuses a token that was issued longer ago than the limit, whatever its exp", async () => {
  using _ = new FakeTime("2026-01-01T00:00:00Z");
  const verify = createTokenVerifier({ ...BY_SECRET, maxSeconds: 60 });
  for (const claims of [{}, { exp: secondsFromNow(1_000) }]) {
    await assertRefused(verify, await signedToken({ sub: "alexander", iat: secondsFromNow(-65), ...claims }));
    await verify(await signedToken({ sub: "alexander", iat: secondsFromNow(-64), ...claims }));
  }
});

Deno.test("verify returns the jti of a token, unless it is none that can be revoked", async () => {
  const verify = createTokenVerifier(BY_SECRET);
  const jtiOf = async (jti: unknown) =>
    (await verify(await signedToken({ sub: "a", jti: jti as string }))).jti;
  for (const jti of ["7", "j".repeat(256), "😀".repeat(128)]) assertEquals(await jtiOf(jti), jti);
  for (const jti of ["j".repeat(257), "😀".repeat(129), "\ud800", "", 7]) {
    assertEquals(await jtiOf(jti), null);
  }
});

for (const [what, claims, secondsLeft] of VALID_NOW) {
  Deno.test(`verify accepts a token that ${what}, with an expiry in the future`, async () => {
    using time = new FakeTime("2026-01-01T00:00:00Z");
    const jwt = await signedToken({ sub: "alexander", ...claims(secondsFromNow(0)) });
    const { expiresAt } = await createTokenVerifier(BY_SECRET)(jwt);
    assertEquals(expiresAt, secondsLeft === null ? null : time.now + secondsLeft * 1_000);
  });
}

const NOT_VALID_NOW: readonly [string, (now: number) => JWTPayload][] = [
  ["expired 5 seconds ago", (now) => ({ exp: now - 5 })],
  ["expired long ago", () => ({ exp: 0 })],
  ["is not valid for another 6 seconds", (now) => ({ nbf: now + 6 })],
  ["was issued 6 seconds from now", (now) => ({ iat: now + 6 })],
  ["was issued in milliseconds", (now) => ({ iat: now * 1_000, exp: now + 60 })],
];

for (const [what, claims] of NOT_VALID_NOW) {
  Deno.test(`verify refuses a token that ${what}`, async () => {
    using _ = new FakeTime("2026-01-01T00:00:00Z");
    const jwt = await signedToken({ sub: "alexander", ...claims(secondsFromNow(0)) });
    await assertRefused(createTokenVerifier(BY_SECRET), jwt);
  });
}

/** Values that cannot be a target: not text, or not text of the right form. */
const NO_TARGETS: readonly unknown[] = [
  ...[42, 0, true, null, ["alexander"], { id: "alexander" }],
  ...["", ".", "..", "a\0b", "a".repeat(257)],
];

for (const sub of NO_TARGETS) {
  Deno.test(`verify refuses a token whose sub is ${JSON.stringify(sub).slice(0, 20)}, and names sub`, async () => {
    const jwt = await signedToken({ sub } as JWTPayload);
    const verify = createTokenVerifier(BY_SECRET);
    for (let repeat = 0; repeat < 2; repeat++) { // the second time, its header is known
      await assertRefused(verify, jwt);
      const { message } = await assertRejects(() => verify(jwt), Problem);
      assert(message.startsWith("the token is not valid: sub: "), message);
    }
  });
}

const FORGED: readonly [string, () => string | Promise<string>][] = [
  ["is signed with another secret", () => signedToken({ sub: "a" }, { secret: "s".repeat(32) })],
  [
    "is signed with an empty secret",
    () => unsignedToken({ sub: "a" }, { alg: "HS256", signature: "0".repeat(32) }),
  ],
  ["has an empty signature", () => unsignedToken({ sub: "a" }, { alg: "HS256" })],
  ["is unsigned (alg: none)", () => unsignedToken({ sub: "a" })],
  [
    "is unsigned (alg: None), with a signature",
    () => unsignedToken({ sub: "a" }, { alg: "None", signature: "x" }),
  ],
  ["is signed by HS512", () => signedToken({ sub: "a" }, { secret: TOKEN_SECRET.repeat(2), alg: "HS512" })],
  ["was cut short", async () => (await signedToken({ sub: "a" })).slice(0, -2)],
  ["has the signature of another token", async () => {
    const [, , signature] = (await signedToken({ sub: "a" })).split(".");
    return (await signedToken({ sub: "b" })).replace(/[^.]+$/, signature ?? "");
  }],
  ["is empty", () => ""],
  ["is not a token", () => "alexander"],
  ["is three dots", () => "..."],
];

for (const [what, token] of FORGED) {
  Deno.test(`verify refuses a token that ${what}`, async () => {
    await assertRefused(createTokenVerifier(BY_SECRET), await token());
  });
}

const OLD_SECRETS = ["an earlier secret, which has 32 bytes", "and one of the year before, as long"] as const;

Deno.test("verify accepts tokens of earlier secrets, of which each is tried, and the current one's", async () => {
  const verify = createTokenVerifier({ ...BY_SECRET, oldSecrets: OLD_SECRETS });
  for (let repeat = 0; repeat < 2; repeat++) { // the second time, the header of each is known
    for (const secret of [...OLD_SECRETS, TOKEN_SECRET]) {
      assertEquals((await verify(await signedToken({ sub: "alexander" }, { secret }))).target, "alexander");
      await assertRefused(verify, await signedToken({ sub: "alexander", exp: 0 }, { secret }));
    }
    await assertRefused(verify, await signedToken({ sub: "alexander" }, { secret: "s".repeat(32) }));
  }
  await assertRefused(
    createTokenVerifier(BY_SECRET),
    await signedToken({ sub: "a" }, { secret: OLD_SECRETS[0] }),
  );
});

Deno.test("verify accepts tokens of earlier secrets beside a key set, without a current secret", async () => {
  await using keys = new IdentityProvider();
  await keys.add("key", "ES256");
  const verify = createTokenVerifier({ ...NOTHING, oldSecrets: OLD_SECRETS, jwksUrl: keys.url });
  for (const secret of OLD_SECRETS) {
    assertEquals((await verify(await signedToken({ sub: "by secret" }, { secret }))).target, "by secret");
  }
  assertEquals((await verify(await keys.sign("key", { sub: "by key" }))).target, "by key");
  await assertRefused(verify, await signedToken({ sub: "a" }));
});

const CLAIMS = { sub: "alexander", iss: "https://id.example", aud: "tidings" };

Deno.test("verify accepts the configured issuer and audience, also in a list of audiences", async () => {
  for (const aud of ["tidings", ["mail", "tidings"]]) {
    assertEquals(
      (await createTokenVerifier(STRICT)(await signedToken({ ...CLAIMS, aud }))).target,
      "alexander",
    );
  }
});

const WRONG_CLAIMS: readonly [string, JWTPayload][] = [
  ["another audience", { ...CLAIMS, aud: "mail" }],
  ["other audiences", { ...CLAIMS, aud: ["mail", "tidings2"] }],
  ["no audience", { sub: CLAIMS.sub, iss: CLAIMS.iss }],
  ["another issuer", { ...CLAIMS, iss: "https://id.example/" }],
  ["no issuer", { sub: CLAIMS.sub, aud: CLAIMS.aud }],
  ["no subject", { iss: CLAIMS.iss, aud: CLAIMS.aud }],
];

for (const [what, claims] of WRONG_CLAIMS) {
  Deno.test(`verify refuses a token with ${what}`, async () => {
    await assertRefused(createTokenVerifier(STRICT), await signedToken(claims));
  });
}

for (const alg of ["RS256", "ES256", "EdDSA"]) {
  Deno.test(`verify accepts a token that is signed with the ${alg} key of the set, and no other key`, async () => {
    await using keys = new IdentityProvider();
    await using others = new IdentityProvider();
    for (const set of [keys, others]) await set.add("key", alg);
    const verify = createTokenVerifier({ ...STRICT, secret: null, jwksUrl: keys.url });
    assertEquals((await verify(await keys.sign("key", CLAIMS))).target, "alexander");
    await assertRefused(verify, await others.sign("key", CLAIMS));
    await assertRefused(verify, await keys.sign("key", { ...CLAIMS, aud: "mail" }));
    await assertRefused(verify, await keys.sign("key", { ...CLAIMS, exp: 0 }));
  });
}

Deno.test("verify finds the key of a token by its kid, and fetches the set once", async () => {
  await using keys = new IdentityProvider();
  const kids = { e1: "ES256", e2: "ES256", o1: "EdDSA", o2: "EdDSA" };
  for (const [kid, alg] of Object.entries(kids)) await keys.add(kid, alg);
  const verify = createTokenVerifier({ ...NOTHING, jwksUrl: keys.url });
  for (const kid of Object.keys(kids)) {
    assertEquals((await verify(await keys.sign(kid, { sub: kid }))).target, kid);
  }
  assertEquals(keys.requests, 1);
});

Deno.test("verify refuses HS256 with the text of a public key as the secret", async () => {
  await using keys = new IdentityProvider();
  await keys.add("key", "RS256");
  const secret = await keys.publicPem("key");
  const forged = await Promise.all([secret, secret.trim()].map((secret) => signedToken(CLAIMS, { secret })));
  for (const config of [{ ...NOTHING, jwksUrl: keys.url }, { ...BY_SECRET, jwksUrl: keys.url }]) {
    for (const jwt of forged) await assertRefused(createTokenVerifier(config), jwt);
  }
});

Deno.test("verify refuses the algorithms of a kind of key that is not configured", async () => {
  await using keys = new IdentityProvider();
  await keys.add("key", "ES256");
  const byKeySet = createTokenVerifier({ ...NOTHING, jwksUrl: keys.url });
  for (const secret of [TOKEN_SECRET, "\0"]) { // equals an empty secret, because HMAC pads keys with zeros
    await assertRefused(byKeySet, await signedToken(CLAIMS, { secret }));
  }
  await assertRefused(byKeySet, unsignedToken(CLAIMS));
  await assertRefused(createTokenVerifier(BY_SECRET), await keys.sign("key", CLAIMS));
  assertEquals(keys.requests, 0, "such tokens cannot make the server fetch keys");
});

Deno.test("verify accepts both kinds of token if a secret and a key set are configured", async () => {
  await using keys = new IdentityProvider();
  await keys.add("key", "ES256");
  const verify = createTokenVerifier({ ...BY_SECRET, jwksUrl: keys.url });
  assertEquals((await verify(await signedToken({ sub: "by secret" }))).target, "by secret");
  assertEquals((await verify(await keys.sign("key", { sub: "by key" }))).target, "by key");
});

const BROKEN_KEY_SETS: readonly [string, () => Response][] = [
  ["answers 500", () => new Response("no", { status: 500 })],
  ["answers 404", () => new Response("no", { status: 404 })],
  ["answers with text that is not JSON", () => new Response("<h1>Keys</h1>")],
  ["answers with JSON that is not a key set", () => Response.json({ keys: "none" })],
];

for (const [what, answer] of BROKEN_KEY_SETS) {
  Deno.test(`verify is unavailable while the server of the key set ${what}, and recovers`, async () => {
    let isBroken = true;
    await using keys = new IdentityProvider({
      answer: (keys) => isBroken ? answer() : Response.json({ keys }),
    });
    await keys.add("key", "ES256");
    const verify = createTokenVerifier({ ...NOTHING, jwksUrl: keys.url });
    const jwt = await keys.sign("key", CLAIMS);
    await assertUnavailable(verify, jwt);
    isBroken = false;
    assertEquals((await verify(jwt)).target, "alexander");
  });
}

Deno.test("verify is unavailable while the server of the key set is down", async () => {
  const keys = new IdentityProvider();
  await keys.add("key", "ES256");
  const jwt = await keys.sign("key", CLAIMS);
  await keys[Symbol.asyncDispose]();
  const verify = createTokenVerifier({ ...BY_SECRET, jwksUrl: keys.url });
  await assertUnavailable(verify, jwt);
  assertEquals((await verify(await signedToken(CLAIMS))).target, "alexander", "the secret still works");
});
