/** tableOf, and the README in which the table is. */

import { assert, assertEquals } from "@std/assert";
import { FAULTS } from "./faults.ts";
import { type Row, tableOf } from "./table.ts";
import { judge } from "./verdict.ts";

const NOTHING = judge({ accepted: [], sent: new Map(), tabs: [] });

function rowOf(more: Partial<Row>): Row {
  const fault = { title: "It rains", promises: { sqlite: "nothing lost", nats: "told" } } as const;
  return { fault, journal: "sqlite", results: [], skipped: null, ...more };
}

Deno.test("tableOf sums rounds, names a fault once, and says whether the promise was kept", () => {
  const round = {
    counts: { ...NOTHING, accepted: 600, owed: 1_200, delivered: 1_199, lost: 1 },
    broken: ["lost"],
  };
  const first = rowOf({ results: [round, round] });
  const second = rowOf({ fault: first.fault, journal: "nats", results: [{ counts: NOTHING, broken: [] }] });
  assertEquals(tableOf([first, second]).split("\n").slice(2), [
    "| It rains | SQLite | nothing lost | 1,200 | 2,398 of 2,400 | 0 | 0 | 2 | 0.0 s | **broken** |",
    "|  | NATS | told | 0 | 0 of 0 | 0 | 0 | 0 | 0.0 s | kept |",
  ]);
});

Deno.test("tableOf says why a fault was skipped", () => {
  const [, , line] = tableOf([rowOf({ skipped: "it needs root" })]).split("\n");
  assert(line?.endsWith("| skipped: it needs root |"), line);
});

Deno.test("The table in the README has every fault, and every promise is kept", async () => {
  const readme = await Deno.readTextFile(new URL("README.md", import.meta.url));
  const cells = readme.split("\n").filter((line) => line.startsWith("| ")).map((line) => line.split(" | "));
  for (const { title } of FAULTS) {
    assert(cells.some(([first]) => first === `| ${title}` || first?.startsWith(`| ${title} `)), title);
  }
  assert(!readme.includes("**broken**"));
});
