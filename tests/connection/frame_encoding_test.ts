/** Tests that a frame has exactly its own messages, whatever was encoded before. */

import { assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { createFrameEncoder } from "../../src/connection/frame_encoding.ts";

Deno.test("createFrameEncoder's encoder returns the JSON array of exactly the given messages, each time", () => {
  const notification = fc.constantFrom("1", "2", '{"a":[1,"]"]}', '"1,2"').map((text) => (
    { id: text, target: null, position: "p", text, bytes: text.length }
  ));
  const batch = fc.record({ missed: fc.boolean(), notifications: fc.array(notification, { maxLength: 3 }) });
  fc.assert(fc.property(fc.array(batch, { maxLength: 30 }), (batches) => {
    const encodeFrame = createFrameEncoder();
    for (const { missed, notifications } of batches) {
      assertEquals(JSON.parse(encodeFrame({ missed, notifications })), [
        ...(missed ? [{ type: "missed" }] : []),
        ...notifications.map(({ text }) => JSON.parse(text)),
      ]);
    }
  }));
});
