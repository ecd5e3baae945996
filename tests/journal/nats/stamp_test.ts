/** Stamps, and the positions that have one. */

import { assert, assertEquals } from "@std/assert";
import { headers } from "@nats-io/nats-core";
import * as fc from "fast-check";
import {
  isLater,
  NO_STAMP,
  parsePosition,
  setStamp,
  stampedPosition,
  stampOf,
} from "../../../src/journal/nats/stamp.ts";
import { isPosition, positionOf } from "../../../src/wire/position.ts";

Deno.test("setStamp sets a stamp that tells which message was published later, for months", () => {
  const day = 24 * 60 * 60 * 1000;
  const times = fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2200, 0) });
  fc.assert(fc.property(times, fc.integer({ min: 10, max: 120 * day }), (now, later) => {
    const [first, second] = [headers(), headers()];
    const stamps = [setStamp(first, now), setStamp(second, now + later)] as const;
    assertEquals([stampOf(first), stampOf(second)], stamps);
    assert(!stamps.includes(NO_STAMP));
    assertEquals([isLater(stamps[1], stamps[0]), isLater(stamps[0], stamps[1])], [true, false]);
    assert(!isLater(stamps[0], stamps[0]));
  }));
});

Deno.test("stampOf is the same for all messages without a stamp, and for text that is none", () => {
  const strange = headers();
  strange.set("Tidings-Stamp", "a-b\\u0022");
  assertEquals([stampOf(headers()), stampOf(strange)], [NO_STAMP, NO_STAMP]);
});

Deno.test("stampedPosition makes positions that sort by their numbers, whatever the stamps", () => {
  const place = fc.record({ sequence: fc.maxSafeNat(), stamp: fc.stringMatching(/^[0-9a-z]{6}$/) });
  fc.assert(fc.property(place, place, (a, b) => {
    const [first, second] = [stampedPosition("epoch000", a), stampedPosition("epoch000", b)];
    if (a.sequence !== b.sequence) assertEquals(first < second, a.sequence < b.sequence);
    assert(isPosition(first));
    assertEquals(parsePosition(first), { epoch: "epoch000", ...a });
  }));
});

Deno.test("parsePosition parses positions of version 0.1.0, which have no stamp", () => {
  assertEquals(parsePosition(positionOf("epoch000", 7)), {
    epoch: "epoch000",
    sequence: 7,
    stamp: undefined,
  });
});
