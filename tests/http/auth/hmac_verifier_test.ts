/** HmacVerifier: accepts only tokens that jose accepts, with the same claims, and leaves all others to jose. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { errors, jwtVerify, type JWTVerifyOptions, SignJWT } from "jose";
import { HmacVerifier } from "../../../src/http/auth/hmac_verifier.ts";
import { secondsFromNow, signedToken, TOKEN_SECRET } from "./signed_token.ts";

const OPTIONS = { algorithms: ["HS256"], clockTolerance: 5, requiredClaims: ["sub"] };
const STRICT = { ...OPTIONS, issuer: "https://id.example", audience: "tidings" };
const SECRET = new TextEncoder().encode(TOKEN_SECRET);

/** A verifier that has learned the header of `signedToken`. */
async function createVerifier(options = OPTIONS): Promise<HmacVerifier> {
  const verifier = new HmacVerifier(TOKEN_SECRET, options);
  verifier.learnHeader(await signedToken({ sub: "somebody" }));
  return verifier;
}

/** The claims, the code of the error, or undefined if jose must verify the token. */
function verdictOf(verifier: HmacVerifier, jwt: string): unknown {
  try {
    return verifier.verify(jwt);
  } catch (error) {
    assert(error instanceof errors.JOSEError, `${error}`);
    return error.code;
  }
}

async function joseVerdictOf(jwt: string, options: JWTVerifyOptions): Promise<unknown> {
  try {
    return (await jwtVerify(jwt, SECRET, options)).payload;
  } catch (error) {
    assert(error instanceof errors.JOSEError, `${error}`);
    return error.code;
  }
}

Deno.test("HmacVerifier returns the claims of a token with a known header, and undefined for any other header", async () => {
  const verifier = new HmacVerifier(TOKEN_SECRET, OPTIONS);
  const claims = { sub: "alexander", exp: secondsFromNow(60) };
  const jwt = await signedToken(claims);
  assertEquals(verifier.verify(jwt), undefined);
  verifier.learnHeader(await signedToken({ sub: "burr" }));
  assertEquals(verifier.verify(jwt), claims);
  const withKid = new SignJWT({ sub: "alexander" }).setProtectedHeader({ alg: "HS256", kid: "1" });
  assertEquals(verifier.verify(await withKid.sign(SECRET)), undefined);
});

Deno.test("HmacVerifier verifies one token after the other, with invalid ones in between", async () => {
  const verifier = await createVerifier();
  for (let n = 0; n < 10; n++) {
    assertEquals(verifier.verify(await signedToken({ sub: `${n}` }))?.sub, `${n}`);
    assertEquals(verifier.verify(await signedToken({ sub: `${n}` }, { secret: "x".repeat(32) })), undefined);
  }
});

Deno.test("HmacVerifier verifies with secrets of any length", async () => {
  for (const length of [1, 32, 63, 64, 65, 500]) {
    const secret = "é".repeat(length);
    const verifier = new HmacVerifier(secret, OPTIONS);
    const jwt = await signedToken({ sub: "alexander" }, { secret });
    verifier.learnHeader(jwt);
    assertEquals(verifier.verify(jwt)?.sub, "alexander", `${length}`);
  }
});

Deno.test("HmacVerifier learns at most 16 headers", async () => {
  const verifier = new HmacVerifier(TOKEN_SECRET, OPTIONS);
  const jwts = await Promise.all(
    Array.from(
      { length: 20 },
      (_, n) => new SignJWT({ sub: "a" }).setProtectedHeader({ alg: "HS256", kid: `${n}` }).sign(SECRET),
    ),
  );
  for (const jwt of jwts) verifier.learnHeader(jwt);
  assertEquals(jwts.filter((jwt) => verifier.verify(jwt) !== undefined), jwts.slice(0, 16));
});

Deno.test("HmacVerifier throws jose's error for a signed token that has expired", async () => {
  const verifier = await createVerifier(),
    jwt = await signedToken({ sub: "alexander", exp: secondsFromNow(-60) });
  assertThrows(() => verifier.verify(jwt), errors.JWTExpired, '"exp" claim timestamp check failed');
});

const text = fc.oneof(fc.constantFrom("tidings", "https://id.example", "alexander", ""), fc.string());
const seconds = fc.oneof(fc.integer({ min: -20, max: 20 }), fc.constantFrom(-1e12, 1e12, 0.5)).map((after) =>
  Math.floor(Date.now() / 1_000) + after * 10 // far from the limits, because jose may check in another second
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

/** Signs exactly this payload, which need not be valid, with the known header. */
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

Deno.test("HmacVerifier checks the claims of signed tokens as jose does", async () => {
  for (const options of [OPTIONS, STRICT]) {
    const verifier = await createVerifier(options);
    await fc.assert(
      fc.asyncProperty(claims, async (claims) => {
        const jwt = await signedOver(base64url(JSON.stringify(claims)));
        assertEquals(verdictOf(verifier, jwt), await joseVerdictOf(jwt, options));
      }),
      { numRuns: 300 },
    );
  }
});

Deno.test("HmacVerifier accepts no signed payload that jose refuses", async () => {
  const verifier = await createVerifier();
  const payload = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string().map(base64url),
    fc.constantFrom("a.b", "", ".", "e30=", "e30", " e30", "e3 0", "é"),
  );
  await fc.assert(
    fc.asyncProperty(payload, async (payload) => {
      const jwt = await signedOver(payload), ours = verdictOf(verifier, jwt);
      if (typeof ours === "object") assertEquals(ours, await joseVerdictOf(jwt, OPTIONS));
      else assertEquals(typeof await joseVerdictOf(jwt, OPTIONS), "string");
    }),
    { numRuns: 300 },
  );
});

Deno.test("HmacVerifier accepts no token with a character changed, added, or removed", async () => {
  const verifier = await createVerifier();
  const jwt = await signedToken({ sub: "alexander", exp: secondsFromNow(60) });
  const character = fc.oneof(
    fc.string({ unit: "binary", maxLength: 2 }),
    fc.constantFrom(..."=.-_ +/\n", ...jwt),
  );
  const change = fc.record({ at: fc.nat(jwt.length), removed: fc.nat(2), put: character });
  await fc.assert(
    fc.property(change, ({ at, removed, put }) => {
      const changed = jwt.slice(0, at) + put + jwt.slice(at + removed);
      if (changed !== jwt) assertEquals(verdictOf(verifier, changed), undefined, changed);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("HmacVerifier accepts no signature whose characters equal the right ones only in the low byte", async () => {
  const verifier = await createVerifier(), jwt = await signedToken({ sub: "alexander" });
  const at = jwt.lastIndexOf(".") + 1;
  const forged = jwt.slice(0, at) +
    jwt.slice(at).replaceAll(/./g, (one) => String.fromCharCode(one.charCodeAt(0) + 256));
  assertEquals(verifier.verify(forged), undefined);
});
