/** Tests the browser's keys of the tests with the example of RFC 8291. */

import { assertEquals, assertThrows } from "@std/assert";
import { BrowserKeys } from "./browser_keys.ts";

/** RFC 8291, section 5 and appendix A. */
const BODY =
  "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
const PRIVATE_KEY = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94";
const PUBLIC_KEY = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";

Deno.test("BrowserKeys decrypts the example of RFC 8291", () => {
  const keys = new BrowserKeys({ privateKey: PRIVATE_KEY, auth: "BTBZMqHH6r4Tts7J_aSIgg" });
  assertEquals(keys.p256dh, PUBLIC_KEY);
  assertEquals(
    keys.decrypt(Uint8Array.fromBase64(BODY, { alphabet: "base64url" })),
    "When I grow up, I want to be a watermelon",
  );
});

Deno.test("BrowserKeys decrypts nothing that was encrypted for other keys", () => {
  assertThrows(() => new BrowserKeys().decrypt(Uint8Array.fromBase64(BODY, { alphabet: "base64url" })));
});
