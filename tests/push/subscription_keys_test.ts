/** Tests isValidKey and isValidAuth: the keys that a browser gives. */

import { assert } from "@std/assert";
import fc from "fast-check";
import { isValidAuth, isValidKey } from "../../src/push/subscription_keys.ts";
import { BrowserKeys } from "./browser_keys.ts";

/** The keys of RFC 8291, section 5. */
const P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const AUTH = "BTBZMqHH6r4Tts7J_aSIgg";

function encode(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

function pointOf(p256dh: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromBase64(p256dh, { alphabet: "base64url" });
}

Deno.test("isValidKey and isValidAuth accept the keys of RFC 8291, and new ones", () => {
  for (const { p256dh, auth } of [{ p256dh: P256DH, auth: AUTH }, new BrowserKeys()]) {
    assert(isValidKey(p256dh) && isValidAuth(auth));
  }
});

Deno.test("isValidKey refuses every point next to one on the curve", () => {
  fc.assert(fc.property(fc.nat(511), (bit) => {
    const point = pointOf(P256DH);
    point[1 + (bit >> 3)] = (point[1 + (bit >> 3)] ?? 0) ^ (1 << (bit & 7));
    assert(!isValidKey(encode(point)));
  }));
});

const compressed = pointOf(P256DH).subarray(0, 33).with(0, 2);

for (
  const [what, key] of [
    ["nothing", ""],
    ["zeros", encode(new Uint8Array(65))],
    ["the point 0, 0", encode(new Uint8Array(65).with(0, 4))],
    ["coordinates outside of the field", encode(new Uint8Array(65).fill(255).with(0, 4))],
    ["the point at infinity", encode(new Uint8Array(1))],
    ["a compressed point", encode(compressed)],
    ["a hybrid point", encode(pointOf(P256DH).with(0, 6))],
    ["a byte too few", encode(pointOf(P256DH).subarray(0, 64))],
    ["a byte too many", encode(new Uint8Array([...pointOf(P256DH), 0]))],
    ["padding", `${P256DH}=`],
    ["the other alphabet", P256DH.replaceAll("-", "+").replaceAll("_", "/")],
    ["white space", ` ${P256DH}`],
    ["other bits at the end", `${P256DH.slice(0, -1)}5`],
  ] as const
) {
  Deno.test(`isValidKey refuses ${what}`, () => assert(!isValidKey(key)));
}

Deno.test("isValidAuth refuses other lengths and forms", () => {
  for (
    const auth of [
      "",
      AUTH.slice(1),
      `${AUTH}A`,
      `${AUTH}==`,
      AUTH.replace("_", "/"),
      `${AUTH.slice(0, -1)}h`,
    ]
  ) {
    assert(!isValidAuth(auth), auth);
  }
});
