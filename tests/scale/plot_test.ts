/** plotOf: the picture of a run. */

import { assert, assertEquals } from "@std/assert";
import { plotOf } from "./plot.ts";
import { sampleOutcome } from "./sample_outcome.ts";

Deno.test("plotOf of scale draws four charts, each with the points of one phase, and says what they are", () => {
  const svg = plotOf(sampleOutcome());
  assert(
    svg.includes(
      'aria-label="10 tabs on 3 nodes: connecting, one notification to everyone, and a lost node"',
    ),
  );
  assertEquals([...svg.matchAll(/<polyline/g)].length, 4);
  const counts = [...svg.matchAll(/points="([^"]*)"/g)].map(([, points]) => points?.split(" ").length);
  assertEquals(counts, [3, 3, 3, 3]);
  assert(!svg.includes("NaN"));
});
