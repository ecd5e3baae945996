/** project: what more tabs would need. */

import { assertEquals } from "@std/assert";
import { type Measured, project } from "./arithmetic.ts";
import { arithmeticTable } from "./arithmetic_table.ts";

const MEASURED: Measured = {
  options: { tabs: 1_000, nodes: 4 },
  connect: {
    bytesPerTab: 20_000,
    bytesPerNode: 100_000_000,
    subscriptions: 500,
    natsBytesPerSubscription: 2_000,
    nodeSecondsPerTab: 0.001,
  },
  everyone: { nodeSecondsPerDelivery: 0.000_02 },
  lostNode: { nodeSecondsPerTab: 0.002, natsSecondsPerTab: 0.000_1 },
};

Deno.test("project has nodes of 50,000 tabs, and everything in proportion to tabs, nodes, or both", () => {
  assertEquals(project(MEASURED, { tabs: 1_000_000 }), {
    tabs: 1_000_000,
    nodes: 20,
    bytesOfNode: 1_100_000_000,
    bytesOfNodes: 22_000_000_000,
    subscriptions: 500_000,
    bytesOfNats: 1_000_000_000,
    cpuOfEveryone: 20,
    secondsOfEveryone: 1,
    secondsAfterLoss: 50_000 / 19 * 0.002,
    natsSecondsAfterLoss: 5,
    secondsOfAll: 50,
    heartbeats: 400,
  });
});

Deno.test("arithmeticTable begins with what was measured, and has 1 and 100 million tabs beside it", () => {
  const lines = arithmeticTable(MEASURED).split("\n");
  assertEquals(lines[0], "| tabs | 1,000 | 1,000,000 | 100,000,000 |");
  assertEquals(lines[2], "| nodes | 4 | 20 | 2,000 |");
  assertEquals(lines[3], "| memory of a node | 105 MB | 1.1 GB | 1.1 GB |");
  assertEquals(new Set(lines.map((line) => line.split("|").length)), new Set([6]));
});
