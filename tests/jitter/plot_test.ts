/** Tests of the picture. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { STEPS_MS } from "./load/plan.ts";
import { plotOf } from "./plot.ts";
import { resultOf } from "./sample.ts";
import { summariesOf } from "./summary.ts";

const summaries = summariesOf([resultOf("tidings", 1), resultOf("ws", 1)]);

Deno.test("plotOf draws a line for each server in each chart, with a point for each step", () => {
  const lines = [...plotOf(summaries).matchAll(/points="([^"]*)"/g)].map(([, points = ""]) =>
    points.split(" ")
  );
  assertEquals(lines.map((points) => points.length), Array(4).fill(STEPS_MS.length));
});

Deno.test("plotOf names the servers", () => {
  const picture = plotOf(summaries);
  assertStringIncludes(picture, ">Tidings<");
  assertStringIncludes(picture, ">ws<");
});
