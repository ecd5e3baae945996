/** encodeMessage: it accepts what the service would accept. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { encodeMessage } from "../../src/client/encode_message.ts";
import { BrowserMessage } from "../../src/wire/protocol.ts";

/** Arrays, nested this many levels deep. */
function nested(levels: number): unknown {
  return levels === 1 ? [] : [nested(levels - 1)];
}

Deno.test("encodeMessage returns the message as JSON", () => {
  assertEquals(encodeMessage({ read: 17 }), '{"type":"message","data":{"read":17}}');
  assertEquals(encodeMessage(null), '{"type":"message","data":null}');
});

Deno.test("encodeMessage returns null for what the service refuses: no data, or data that is nested too deep", () => {
  for (const data of [undefined, () => {}, Symbol("none"), nested(101), { toJSON: () => nested(101) }]) {
    assertEquals(encodeMessage(data), null);
  }
  assert(encodeMessage(nested(100)) !== null);
});

Deno.test("encodeMessage returns null for data that is too large for a frame", () => {
  assertEquals(encodeMessage("€".repeat(20_000)), null);
  assert(encodeMessage("€".repeat(19_900)) !== null);
});

Deno.test("encodeMessage throws what JSON.stringify throws", () => {
  assertThrows(() => encodeMessage(1n), TypeError);
});

Deno.test("encodeMessage accepts exactly the JSON that the service accepts", () => {
  const deep = fc.tuple(fc.jsonValue(), fc.integer({ min: 90, max: 105 })).map(([inner, levels]) =>
    Array.from({ length: levels }).reduce((value) => ({ value }), inner)
  );
  fc.assert(fc.property(fc.oneof(fc.jsonValue(), deep), (data) => {
    const { success } = BrowserMessage.safeParse({ type: "message", data: JSON.parse(JSON.stringify(data)) });
    assertEquals(encodeMessage(data) !== null, success);
  }));
});
