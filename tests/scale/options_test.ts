/** parseOptions of scale. */

import { assertEquals, assertThrows } from "@std/assert";
import { parseOptions, UsageError } from "./options.ts";

Deno.test("parseOptions of scale runs 100,000 tabs of as many targets on six nodes unless told otherwise", () => {
  assertEquals(parseOptions([], () => 7), {
    nodes: 6,
    tabs: 100_000,
    targets: 100_000,
    seed: 7,
    mode: "run",
    isPlotted: false,
    isHelp: false,
  });
});

Deno.test("parseOptions of scale reads numbers, and as many targets as tabs if only these are given", () => {
  const { nodes, tabs, targets, seed } = parseOptions(["--nodes", "3", "--tabs", "300", "--seed", "0"]);
  assertEquals([nodes, tabs, targets, seed], [3, 300, 300, 0]);
  assertEquals(parseOptions(["--targets", "10"]).targets, 10);
});

Deno.test("parseOptions of scale compares idle nodes with 18,000 tabs each, unless told otherwise", () => {
  const { mode, tabs, targets } = parseOptions(["--idle"]);
  assertEquals([mode, tabs, targets], ["idle", 18_000, 18_000]);
  assertEquals(parseOptions(["--idle", "--tabs", "500"]).tabs, 500);
});

for (
  const [args, reason] of [
    [["--nodes", "2"], "--nodes 2: expected a whole number from 3 to 50"],
    [["--tabs", "many"], "--tabs many: expected a whole number from 3 to 1000000"],
    [["--seed", "-1"], "seed"],
    [["--idle", "--plot"], "--plot draws a run, and --idle is none"],
    [["--speed", "1"], "--speed"],
  ] as const
) {
  Deno.test(`parseOptions of scale refuses ${args.join(" ")}`, () => {
    assertThrows(() => parseOptions([...args]), UsageError, reason);
  });
}
