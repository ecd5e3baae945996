/** brokenBy: everything that is not as it should be after a run. */

import { assertEquals } from "@std/assert";
import { brokenBy } from "./report.ts";
import { sampleOutcome } from "./sample_outcome.ts";

Deno.test("brokenBy finds nothing after a run without a loss", () => {
  assertEquals(brokenBy(sampleOutcome()), []);
});

Deno.test("brokenBy has a sentence about every loss, every doubled delivery and every report that is wrong", () => {
  const { verdict, figures, options } = sampleOutcome();
  const broken = brokenBy({
    options: { ...options, tabs: 11 },
    verdict: { ...verdict, lost: 1, doubled: 2, foreign: 3, told: 4 },
    figures: {
      ...figures,
      spread: { ...figures.spread, acked: 2, nodesThatAgree: 1 },
      lostNode: { ...figures.lostNode, back: 1 },
    },
  });
  assertEquals(broken, [
    "10 tabs were connected",
    "1 deliveries were lost",
    "2 deliveries were doubled",
    "3 notifications came to somebody else",
    "tabs were told 4 times of a loss",
    "the report is not the sum of three nodes",
    "the nodes report different sums",
    "2 tabs of the lost node did not come back",
  ]);
});
