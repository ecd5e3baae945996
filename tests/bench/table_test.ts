/** Tests of the table and of the summary of losses. */

import { assertEquals } from "@std/assert";
import { findScenario, resultOf, rowOf } from "./sample.ts";
import { lossesOf } from "./summary.ts";
import { tableOf } from "./table.ts";

/** Returns the cells of all rows, without the header. */
function cellsOf(table: string): string[][] {
  return table.split("\n").slice(2).map((line) => line.slice(2, -2).split(" | "));
}

Deno.test("tableOf shows medians, ranges, and ratios to the floor and to gorilla", () => {
  const rows = [
    rowOf("Tidings, memory", [3_000, 1_000, 2_000]),
    rowOf("Deno floor", [500, 500, 900]),
    rowOf("gorilla hub", [1_000, 3_000, 4_000]),
  ];
  assertEquals(cellsOf(tableOf(rows)).map((cells) => cells.slice(1, 7)), [
    ["Tidings, memory", "deliveries/s", "2,000", "1,000 to 3,000", "4.00", "0.67"],
    ["Deno floor", "deliveries/s", "500", "500 to 900", "1.00", "0.17"],
    ["gorilla hub", "deliveries/s", "3,000", "1,000 to 4,000", "6.00", "1.00"],
  ]);
});

Deno.test("tableOf has a row per figure, and compares only within a scenario", () => {
  const rows = [rowOf("Tidings, memory", [10], "rate"), rowOf("Deno floor", [10], "single")];
  assertEquals(cellsOf(tableOf(rows)).map((cells) => cells.slice(1, 7)), [
    ["Tidings, memory", "p99 in ms", "10.90", "10.90 to 10.90", "–", "–"],
    ["Tidings, memory", "p99.9 in ms", "10.99", "10.99 to 10.99", "–", "–"],
    ["Deno floor", "deliveries/s", "10", "10 to 10", "1.00", "–"],
  ]);
});

Deno.test("tableOf shows a dash for a figure that is unknown", () => {
  const unknown = { seconds: 1, serverCpu: null, loadCpu: null };
  const result = resultOf(0, { bytesPerTab: null, running: unknown });
  const rows = [{ scenario: findScenario("idle"), server: "Deno floor", results: [result] }];
  assertEquals(cellsOf(tableOf(rows)).map((cells) => cells.slice(2)), [
    ["KB a tab", "–", "–", "–", "–", "nothing", "unknown"],
    ["% of a core", "–", "–", "–", "–", "nothing", "unknown"],
  ]);
});

Deno.test("tableOf has as many cells in each row as in its header", () => {
  const lines = tableOf([rowOf("Tidings, memory", [1], "rate")]).split("\n");
  assertEquals(new Set(lines.map((line) => line.split("|").length)).size, 1);
});

Deno.test("lossesOf sums up the losses of all rounds", () => {
  assertEquals(lossesOf([resultOf(10), resultOf(20)]), "nothing");
  assertEquals(lossesOf([resultOf(50), resultOf(40, { expected: 50 })]), "10.0 % of deliveries");
  assertEquals(lossesOf([resultOf(99_999, { expected: 100_000 })]), "0.001 % of deliveries");
  const bad = { failed: 1, refused: 2, closed: 3 };
  assertEquals(lossesOf([resultOf(1, bad)]), "1 requests failed, 2 tabs refused, 3 tabs closed");
});
