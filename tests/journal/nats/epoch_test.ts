/** epochOf: what positions of a stream in NATS begin with. */

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { epochOf } from "../../../src/journal/nats/epoch.ts";
import { isPosition, positionOf } from "../../../src/wire/position.ts";

Deno.test("epochOf is the same for dates that servers give one stream, and another a minute later", () => {
  const [epoch, ofAnother, later] = ["08:30.567931354", "08:30.582", "09:30.567931354"].map((minute) =>
    epochOf(`2026-11-28T17:${minute}Z`)
  );
  assertEquals(epoch, ofAnother);
  assertNotEquals(epoch, later);
  assert(isPosition(positionOf(epoch ?? "", 1)));
});
