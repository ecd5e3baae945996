/** FailureLog logs a failure that repeats once, and then how often it repeated. */

import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { configure, type LogRecord, reset } from "@logtape/logtape";
import { FailureLog } from "../../src/service/failure_log.ts";

/** Runs a test with a log, of which it gets the records. */
async function withLog(run: (log: FailureLog, records: LogRecord[], stopping: AbortController) => void) {
  const records: LogRecord[] = [];
  await configure({
    sinks: { records: (record) => records.push(record) },
    loggers: [{ category: "tidings", sinks: ["records"] }, { category: ["logtape", "meta"], sinks: [] }],
  });
  const stopping = new AbortController();
  try {
    run(new FailureLog({ everyMs: 10_000, signal: stopping.signal }), records, stopping);
  } finally {
    stopping.abort();
    await reset();
  }
}

const full = () => new Error("cannot be written", { cause: new Error("the disk is full") });

Deno.test("FailureLog logs the first of equal failures with its stack, and the others together", async () => {
  using time = new FakeTime();
  await withLog((log, records) => {
    for (let n = 0; n < 1_000; n++) log.report(full());
    log.report(new Error("another one"));
    assertEquals(records.map(({ properties }) => String(properties.error)), [
      "Error: cannot be written",
      "Error: another one",
    ]);
    time.tick(10_000);
    assertEquals(records.slice(2).map(({ properties }) => properties), [
      { count: 999, kind: "Error: cannot be written: Error: the disk is full" },
    ]);
    log.report(full());
    assertEquals(records.length, 3, "it still repeats");
    time.tick(20_000);
    log.report(full());
    assertEquals(records.length, 5, "it had stopped, and is logged with its stack again");
  });
});

Deno.test("FailureLog logs what it has counted when the node stops, and counts no more", async () => {
  using _time = new FakeTime();
  await withLog((log, records, stopping) => {
    for (let n = 0; n < 3; n++) log.report(full());
    stopping.abort();
    assertEquals(records.at(-1)?.properties.count, 2);
    log.report("thrown while it stops");
    assertEquals(records.length, 3);
  });
});

Deno.test("FailureLog does not remember every different failure", async () => {
  using time = new FakeTime();
  await withLog((log, records) => {
    for (let n = 0; n < 1_000; n++) log.report(new Error(`number ${n}`));
    assertEquals(records.length, 101);
    time.tick(10_000);
    assertEquals(records.at(-1)?.properties, { count: 899, kind: "other errors" });
  });
});
