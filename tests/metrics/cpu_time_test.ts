/** Tests readCpuTime: it grows with the work of this thread, and with that of others only in the process's figure. */

import { assert } from "@std/assert";
import { readCpuTime } from "../../src/metrics/cpu_time.ts";
import { eventually } from "../eventually.ts";

const STEP = 0.1; // seconds; the figure of a thread has steps of 10 ms

Deno.test("readCpuTime counts the work of this thread in both figures", () => {
  const before = readCpuTime();
  for (;;) {
    const { process, eventLoop } = readCpuTime();
    if (process - before.process > STEP && eventLoop - before.eventLoop > STEP) break;
  }
});

Deno.test("readCpuTime counts the work of another thread only in the figure of the process", async () => {
  const before = readCpuTime();
  const worker = new Worker("data:application/javascript,for(;;);", { type: "module" });
  await eventually(() => readCpuTime().process - before.process > 3 * STEP);
  worker.terminate();
  const after = readCpuTime();
  assert(after.eventLoop - before.eventLoop < (after.process - before.process) / 2);
});
