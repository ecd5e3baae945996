/** Tests of the summaries and their table. */

import { assertEquals } from "@std/assert";
import { resultOf } from "./sample.ts";
import { summariesOf } from "./summary.ts";
import { duration, percent, tableOf } from "./table.ts";

Deno.test("tableOf has the medians of the rounds, the sum of what was doubled, and the servers in their order", () => {
  const replay = (p99: number) => ({ ...resultOf("tidings", 1).measured.replay, p99 });
  const results = [
    resultOf("ws", 1, { delivered: 870, replay: { p50: null, p99: null, max: null, within: [] } }),
    resultOf("tidings", 1, { doubled: 1, replay: replay(40), cpuSeconds: 0.03 }),
    resultOf("tidings", 2, { delivered: 999, replay: replay(9_000) }),
    resultOf("tidings", 3, { doubled: 1, replay: replay(50) }),
  ];
  assertEquals(tableOf(summariesOf(results)).split("\n").slice(2), [
    "| Tidings | 100 % | 2 | 2.0 ms | 50 ms | 2.0 ms | 1.80 s | 50 µs | 3 |",
    "| ws | 87.00 % | 0 | never | never | 2.0 ms | 1.80 s | 57 µs | 1 |",
  ]);
});

Deno.test("tableOf says so if the system does not tell the CPU time", () => {
  const [, , line] = tableOf(summariesOf([resultOf("ws", 1, { cpuSeconds: null })])).split("\n");
  assertEquals(line?.split(" | ")[7], "unknown");
});

Deno.test("percent never rounds up to everything", () => {
  assertEquals([1, 0.999_999, 0.87034, 0].map(percent), ["100 %", "99.99 %", "87.03 %", "0.00 %"]);
});

Deno.test("duration has milliseconds below a second, and says what never happened", () => {
  assertEquals([0.04, 9.96, 10.4, 999, 1_234, Infinity].map(duration), [
    "0.0 ms",
    "10.0 ms",
    "10 ms",
    "999 ms",
    "1.23 s",
    "never",
  ]);
});
