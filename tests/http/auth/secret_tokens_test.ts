/** SecretTokens: takes what jose takes, as jose understands it, and leaves to jose whatever it is not sure of. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { errors, jwtVerify, type JWTVerifyOptions, SignJWT } from "jose";
import { SecretTokens } from "../../../src/http/auth/secret_tokens.ts";
import { secondsFromNow, signedToken, TOKEN_SECRET } from "./signed_token.ts";

const OPTIONS = { algorithms: ["HS256"], clockTolerance: 5, requiredClaims: ["sub"] };
const STRICT = { ...OPTIONS, issuer: "https://id.example", audience: "tidings" };
const SECRET = new TextEncoder().encode(TOKEN_SECRET);

/** With the header of `signedToken` learned, as after the first token. */
async function learned(options = OPTIONS): Promise<SecretTokens> {
  const tokens = new SecretTokens(TOKEN_SECRET, options);
  tokens.learnFrom(await signedToken({ sub: "somebody" }));
  return tokens;
}

/** The claims, or the code of the error; undefined if it is not sure. */
function verdictOf(tokens: SecretTokens, jwt: string): unknown {
  try {
    return tokens.claimsIn(jwt);
  } catch (error) {
    assert(error instanceof errors.JOSEError, `${error}`);
    return error.code;
  }
}

async function verdictOfJose(jwt: string, options: JWTVerifyOptions): Promise<unknown> {
  try {
    return (await jwtVerify(jwt, SECRET, options)).payload;
  } catch (error) {
    assert(error instanceof errors.JOSEError, `${error}`);
    return error.code;
  }
}

Deno.test("SecretTokens says what is in a token with a header that it knows, and nothing of any other", async () => {
  const tokens = new SecretTokens(TOKEN_SECRET, OPTIONS);
  const claims = { sub: "alexander", exp: secondsFromNow(60) };
  const jwt = await signedToken(claims);
  assertEquals(tokens.claimsIn(jwt), undefined);
  tokens.learnFrom(await signedToken({ sub: "burr" }));
  assertEquals(tokens.claimsIn(jwt), claims);
  const withKid = new SignJWT({ sub: "alexander" }).setProtectedHeader({ alg: "HS256", kid: "1" });
  assertEquals(tokens.claimsIn(await withKid.sign(SECRET)), undefined);
});

Deno.test("SecretTokens says it of one token after the other, whatever came between", async () => {
  const tokens = await learned();
  for (let n = 0; n < 10; n++) {
    assertEquals(tokens.claimsIn(await signedToken({ sub: `${n}` }))?.sub, `${n}`);
    assertEquals(tokens.claimsIn(await signedToken({ sub: `${n}` }, { secret: "x".repeat(32) })), undefined);
  }
});

Deno.test("SecretTokens verifies with secrets of any length", async () => {
  for (const length of [1, 32, 63, 64, 65, 500]) {
    const secret = "é".repeat(length);
    const tokens = new SecretTokens(secret, OPTIONS);
    const jwt = await signedToken({ sub: "alexander" }, { secret });
    tokens.learnFrom(jwt);
    assertEquals(tokens.claimsIn(jwt)?.sub, "alexander", `${length}`);
  }
});

Deno.test("SecretTokens learns only so many headers", async () => {
  const tokens = new SecretTokens(TOKEN_SECRET, OPTIONS);
  const jwts = await Promise.all(
    Array.from(
      { length: 20 },
      (_, n) => new SignJWT({ sub: "a" }).setProtectedHeader({ alg: "HS256", kid: `${n}` }).sign(SECRET),
    ),
  );
  for (const jwt of jwts) tokens.learnFrom(jwt);
  assertEquals(jwts.filter((jwt) => tokens.claimsIn(jwt) !== undefined), jwts.slice(0, 16));
});

Deno.test("SecretTokens throws as jose does at a signed token that has expired", async () => {
  const tokens = await learned(), jwt = await signedToken({ sub: "alexander", exp: secondsFromNow(-60) });
  assertThrows(() => tokens.claimsIn(jwt), errors.JWTExpired, '"exp" claim timestamp check failed');
});

const text = fc.oneof(fc.constantFrom("tidings", "https://id.example", "alexander", ""), fc.string());
const seconds = fc.oneof(fc.integer({ min: -20, max: 20 }), fc.constantFrom(-1e12, 1e12, 0.5)).map((after) =>
  Math.floor(Date.now() / 1_000) + after * 10 // not near the limits, or jose might judge in another second
);
const odd = fc.constantFrom(null, "1", true, [], {}, ["tidings"], ["tidings", 1]);
const claims = fc.oneof(
  fc.record({
    sub: fc.oneof({ weight: 4, arbitrary: text }, odd),
    exp: fc.oneof({ weight: 4, arbitrary: seconds }, odd),
    nbf: fc.oneof({ weight: 4, arbitrary: seconds }, odd),
    iat: fc.oneof({ weight: 4, arbitrary: seconds }, odd),
    iss: fc.oneof({ weight: 4, arbitrary: text }, odd),
    aud: fc.oneof({ weight: 4, arbitrary: text }, odd),
  }, { requiredKeys: [] }),
  fc.jsonValue(),
);

/** A token, or nearly one: signed over exactly these bytes, with the header that is known. */
async function signedOver(payload: string): Promise<string> {
  const key = await crypto.subtle.importKey("raw", SECRET, { name: "HMAC", hash: "SHA-256" }, false, [
    "sign",
  ]);
  const [header] = (await signedToken({ sub: "a" })).split(".");
  const signature = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(`${header}.${payload}`));
  const signatureText = new Uint8Array(signature).toBase64({ alphabet: "base64url", omitPadding: true });
  return `${header}.${payload}.${signatureText}`;
}

function base64url(text: string): string {
  return new TextEncoder().encode(text).toBase64({ alphabet: "base64url", omitPadding: true });
}

Deno.test("SecretTokens judges the claims of signed tokens as jose does", async () => {
  for (const options of [OPTIONS, STRICT]) {
    const tokens = await learned(options);
    await fc.assert(
      fc.asyncProperty(claims, async (claims) => {
        const jwt = await signedOver(base64url(JSON.stringify(claims)));
        assertEquals(verdictOf(tokens, jwt), await verdictOfJose(jwt, options));
      }),
      { numRuns: 300 },
    );
  }
});

Deno.test("SecretTokens takes no signed payload that jose does not take", async () => {
  const tokens = await learned();
  const payload = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string().map(base64url),
    fc.constantFrom("a.b", "", ".", "e30=", "e30", " e30", "e3 0", "é"),
  );
  await fc.assert(
    fc.asyncProperty(payload, async (payload) => {
      const jwt = await signedOver(payload), ours = verdictOf(tokens, jwt);
      if (typeof ours === "object") assertEquals(ours, await verdictOfJose(jwt, OPTIONS));
      else assertEquals(typeof await verdictOfJose(jwt, OPTIONS), "string");
    }),
    { numRuns: 300 },
  );
});

Deno.test("SecretTokens takes no token with a character changed, added, or left out", async () => {
  const tokens = await learned();
  const jwt = await signedToken({ sub: "alexander", exp: secondsFromNow(60) });
  const character = fc.oneof(
    fc.string({ unit: "binary", maxLength: 2 }),
    fc.constantFrom(..."=.-_ +/\n", ...jwt),
  );
  const change = fc.record({ at: fc.nat(jwt.length), removed: fc.nat(2), put: character });
  await fc.assert(
    fc.property(change, ({ at, removed, put }) => {
      const changed = jwt.slice(0, at) + put + jwt.slice(at + removed);
      if (changed !== jwt) assertEquals(verdictOf(tokens, changed), undefined, changed);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("SecretTokens takes no signature whose characters have the right low bytes only", async () => {
  const tokens = await learned(), jwt = await signedToken({ sub: "alexander" });
  const at = jwt.lastIndexOf(".") + 1;
  const forged = jwt.slice(0, at) +
    jwt.slice(at).replaceAll(/./g, (one) => String.fromCharCode(one.charCodeAt(0) + 256));
  assertEquals(tokens.claimsIn(forged), undefined);
});
