/** Framing: always the array of just these messages, whatever was framed before. */

import { assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { framing } from "../../src/socket/framing.ts";

Deno.test("framing makes the JSON array of just the messages given, again and again", () => {
  const message = fc.constantFrom("1", "2", '{"a":[1,"]"]}', '"1,2"');
  fc.assert(fc.property(fc.array(fc.array(message, { maxLength: 3 }), { maxLength: 30 }), (frames) => {
    const frameOf = framing();
    for (const messages of frames) {
      assertEquals(
        frameOf(messages),
        JSON.stringify(messages.map((text) => JSON.parse(text))),
      );
    }
  }));
});
