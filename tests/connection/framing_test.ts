/** Framing: always the array of just these messages, whatever was framed before. */

import { assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { createFrameEncoder } from "../../src/connection/framing.ts";

Deno.test("framing makes the JSON array of just the messages given, again and again", () => {
  const notification = fc.constantFrom("1", "2", '{"a":[1,"]"]}', '"1,2"').map((text) => (
    { id: text, target: null, position: "p", text, bytes: text.length }
  ));
  const batch = fc.record({ missed: fc.boolean(), notifications: fc.array(notification, { maxLength: 3 }) });
  fc.assert(fc.property(fc.array(batch, { maxLength: 30 }), (batches) => {
    const frameOf = createFrameEncoder();
    for (const { missed, notifications } of batches) {
      assertEquals(JSON.parse(frameOf({ missed, notifications })), [
        ...(missed ? [{ type: "missed" }] : []),
        ...notifications.map(({ text }) => JSON.parse(text)),
      ]);
    }
  }));
});
