/** Answers: what a publisher's frames were answered with, in whatever pieces it arrives. */

import { assertEquals } from "@std/assert";
import { Answers } from "./answers.ts";

const FRAME = JSON.stringify([
  { id: "type", position: "p", expires: "2026" },
  { type: "urn:tidings:problem:does-not-fit", status: 422, errors: [{ path: "id", message: "x" }] },
  { id: "b", position: null, expires: "2026" },
]);

for (const size of [1, 2, 3, 7, FRAME.length]) {
  Deno.test(`Answers finds two accepted and one refused notification in pieces of ${size} bytes`, () => {
    const bytes = new TextEncoder().encode(FRAME), found: boolean[] = [];
    const answers = new Answers((accepted) => found.push(accepted));
    for (let start = 0; start < bytes.length; start += size) {
      answers.take(bytes, start, Math.min(bytes.length, start + size));
    }
    assertEquals(found, [true, false, true]);
  });
}
