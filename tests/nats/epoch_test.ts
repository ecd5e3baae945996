/** epochOf: the epoch of a stream in NATS, with which its positions begin. */

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { epochOf } from "../../src/nats/epoch.ts";
import { isPosition, positionOf } from "../../src/wire/position.ts";

Deno.test("epochOf is the same for the dates that servers record for one stream, and differs a minute later", () => {
  const [epoch, ofAnother, later] = ["08:30.567931354", "08:30.582", "09:30.567931354"].map((minute) =>
    epochOf(`2026-11-28T17:${minute}Z`)
  );
  assertEquals(epoch, ofAnother);
  assertNotEquals(epoch, later);
  assert(isPosition(positionOf(epoch ?? "", 1)));
});
