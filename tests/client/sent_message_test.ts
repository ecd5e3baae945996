/** A message as it is sent: whether the service would take it. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { sentMessage } from "../../src/client/sent_message.ts";
import { BrowserMessage } from "../../src/wire/protocol.ts";

/** So many arrays in one another. */
function nested(levels: number): unknown {
  return levels === 1 ? [] : [nested(levels - 1)];
}

Deno.test("sentMessage is the message as JSON", () => {
  assertEquals(sentMessage({ read: 17 }), '{"type":"message","data":{"read":17}}');
  assertEquals(sentMessage(null), '{"type":"message","data":null}');
});

Deno.test("sentMessage is null for what the service refuses: nothing, and what is nested too deep", () => {
  for (const data of [undefined, () => {}, Symbol("none"), nested(101), { toJSON: () => nested(101) }]) {
    assertEquals(sentMessage(data), null);
  }
  assert(sentMessage(nested(100)) !== null);
});

Deno.test("sentMessage is null for what no frame has room for", () => {
  assertEquals(sentMessage("€".repeat(20_000)), null);
  assert(sentMessage("€".repeat(19_900)) !== null);
});

Deno.test("sentMessage throws what JSON.stringify throws", () => {
  assertThrows(() => sentMessage(1n), TypeError);
});

Deno.test("sentMessage says of anything what the service says", () => {
  const deep = fc.tuple(fc.jsonValue(), fc.integer({ min: 90, max: 105 })).map(([inner, levels]) =>
    Array.from({ length: levels }).reduce((value) => ({ value }), inner)
  );
  fc.assert(fc.property(fc.oneof(fc.jsonValue(), deep), (data) => {
    const { success } = BrowserMessage.safeParse({ type: "message", data: JSON.parse(JSON.stringify(data)) });
    assertEquals(sentMessage(data) !== null, success);
  }));
});
