import { assertEquals } from "@std/assert";
import { hasSplitBrainBug } from "../../src/nats/split_brain.ts";

Deno.test("mayDiverge knows the versions of NATS whose servers may disagree, if there are several", () => {
  const versions = ["2.9.10", "2.9.25", "2.10.0", "2.10.27", "2.15.2", "3.0.0"];
  const diverging = versions.filter((version) => hasSplitBrainBug({ version, replicas: 3 }));
  assertEquals(diverging, ["2.9.10", "2.9.25"]);
  assertEquals(versions.filter((version) => hasSplitBrainBug({ version, replicas: 1 })), []);
});
