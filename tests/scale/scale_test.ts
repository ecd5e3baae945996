/** The short form of scale: three nodes with 300 tabs, with a seed that is always the same. */

import { assertEquals } from "@std/assert";
import { test } from "../nats/nats_server.ts";
import { brokenBy } from "./report.ts";
import { run } from "./run.ts";

test("Nodes deliver everything once to 300 tabs, of which a third loses its node", async () => {
  const lines: string[] = [];
  const options = { nodes: 3, tabs: 300, targets: 100, seed: 1804 };
  const outcome = await run(options, (line) => lines.push(line));
  assertEquals(brokenBy(outcome), [], lines.join("\n"));
  const { figures: { everyone, lostNode, again, connect }, verdict } = outcome;
  assertEquals([everyone.delivered, again.delivered, verdict.tabs], [300, 300, 300]);
  assertEquals([lostNode.lost >= 50, lostNode.published > 1], [true, true], JSON.stringify(lostNode));
  assertEquals(connect.subscriptions >= 100, true, `${connect.subscriptions} subscriptions`);
});
