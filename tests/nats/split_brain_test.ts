/** hasSplitBrainBug: which versions of NATS it covers. */

import { assertEquals } from "@std/assert";
import { hasSplitBrainBug } from "../../src/nats/split_brain.ts";

Deno.test("hasSplitBrainBug is true for several servers of a version before 2.10", () => {
  const versions = ["2.9.10", "2.9.25", "2.10.0", "2.10.27", "2.15.2", "3.0.0"];
  const affected = versions.filter((version) => hasSplitBrainBug({ version, replicas: 3 }));
  assertEquals(affected, ["2.9.10", "2.9.25"]);
  assertEquals(versions.filter((version) => hasSplitBrainBug({ version, replicas: 1 })), []);
});
