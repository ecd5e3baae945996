/** Tests the library that encrypts pushes with the example of RFC 8291. */

import { encryptNotification } from "@block65/webcrypto-web-push";
import { assertEquals, assertRejects } from "@std/assert";
import { BrowserKeys } from "./browser_keys.ts";

/** RFC 8291, section 5 and appendix A. */
const PLAINTEXT = "When I grow up, I want to be a watermelon";
const BROWSER = {
  p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
  auth: "BTBZMqHH6r4Tts7J_aSIgg",
};
const SENDER = {
  kty: "EC",
  crv: "P-256",
  d: "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw",
  x: "_jP0qw3qcZFNtVgj9ztUlI9BMG2SBzLbuaWaUyhkgiA",
  y: "Dll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8",
};
const SALT = "DGv6ra1nlYgDCS1FRnbzlw";
const BODY = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIg" +
  "Dll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";

/** Makes Web Crypto give the sender's keys and the salt of the example, which are random otherwise. */
async function withoutRandomness(): Promise<Disposable> {
  const { subtle } = crypto;
  const algorithm = { name: "ECDH", namedCurve: "P-256" };
  const { d: _, ...publicJwk } = SENDER;
  const pair = {
    privateKey: await subtle.importKey("jwk", SENDER, algorithm, false, ["deriveBits"]),
    publicKey: await subtle.importKey("jwk", publicJwk, algorithm, true, []),
  };
  Object.defineProperty(subtle, "generateKey", { configurable: true, value: () => Promise.resolve(pair) });
  Object.defineProperty(crypto, "getRandomValues", { configurable: true, value: () => decode(SALT) });
  return {
    [Symbol.dispose]() {
      Reflect.deleteProperty(subtle, "generateKey"); // their own are those of the prototypes
      Reflect.deleteProperty(crypto, "getRandomValues");
    },
  };
}

function decode(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromBase64(text, { alphabet: "base64url" });
}

function encrypt(keys: { p256dh: string; auth: string }, text: string): Promise<Uint8Array> {
  const subscription = { endpoint: "https://push.example.net/1", expirationTime: null, keys };
  return encryptNotification(subscription, new TextEncoder().encode(text), { pad: false });
}

Deno.test("encryptNotification gives the bytes of RFC 8291", async () => {
  using _ = await withoutRandomness();
  const body = await encrypt(BROWSER, PLAINTEXT);
  assertEquals(body.toBase64({ alphabet: "base64url", omitPadding: true }), BODY);
});

Deno.test("encryptNotification is decrypted by another implementation, from 0 to 3,993 bytes, and refuses more", async () => {
  const keys = new BrowserKeys();
  for (const length of [0, 1, 2, 127, 1024, 3992, 3993]) {
    assertEquals(keys.decrypt(await encrypt(keys, "x".repeat(length))), "x".repeat(length));
  }
  await assertRejects(() => encrypt(keys, "x".repeat(3994)), Error, "3993");
});
