/** Tests comparesEarly: which servers need the ids of messages to store one of two that follow the same one. */

import { assertEquals } from "@std/assert";
import { comparesEarly } from "../../src/nats/early_comparison.ts";

Deno.test("comparesEarly is true for several servers before 2.10", () => {
  const servers = [
    { version: "2.9.10", cluster: "east" },
    { version: "2.9.10" },
    { version: "2.10.0", cluster: "east" },
    { version: "2.12.2", cluster: "east" },
    { version: "3.0.0", cluster: "east" },
  ];
  assertEquals(servers.map(comparesEarly), [true, false, false, false, false]);
});
