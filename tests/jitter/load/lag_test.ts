/** Tests of the lag of the load. */

import { assert } from "@std/assert";
import { eventually } from "../../eventually.ts";
import { LagMeter } from "./lag.ts";

const BUSY_MS = 80;

Deno.test("LagMeter measures how long the loop was busy", async () => {
  using meter = new LagMeter();
  for (const end = performance.now() + BUSY_MS; performance.now() < end;);
  await eventually(() => meter.lag.max > 0, "the tick that is late");
  assert(meter.lag.max >= BUSY_MS / 2, `${meter.lag.max}`); // a tick takes 20 ms
});
