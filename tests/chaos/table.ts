/** Formats the results as a Markdown table. */

import type { AnyFault } from "./fault.ts";
import type { RoundResult } from "./round.ts";
import type { JournalName } from "./stages/stage.ts";
import type { Counts } from "./verdict.ts";

/** All rounds of one fault with one journal. */
export interface Row {
  readonly fault: Pick<AnyFault, "title" | "promises">;
  readonly journal: JournalName;
  readonly results: readonly Pick<RoundResult, "counts" | "broken">[];
  /** Why there are no results. */
  readonly skipped: string | null;
}

const JOURNAL_NAMES: Readonly<Record<JournalName, string>> = {
  memory: "memory",
  sqlite: "SQLite",
  nats: "NATS",
};
const HEAD = [
  "fault",
  "journal",
  "promise",
  "accepted",
  "delivered",
  "doubled",
  "told",
  "lost",
  "longest silence",
  "",
];
const LEFT = new Set(["fault", "journal", "promise", ""]);

export function tableOf(rows: readonly Row[]): string {
  const rule = HEAD.map((title) => LEFT.has(title) ? "---" : "---:");
  const lines = rows.map((row, n) => lineOf(row, rows[n - 1]?.fault !== row.fault));
  return [HEAD, rule, ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function lineOf({ fault, journal, results, skipped }: Row, isFirst: boolean): string[] {
  const sum = (count: (counts: Counts) => number) =>
    results.reduce((total, { counts }) => total + count(counts), 0);
  const number = (count: (counts: Counts) => number) => sum(count).toLocaleString("en");
  const title = isFirst ? fault.title : "";
  const promise = fault.promises[journal] ?? "nothing lost";
  if (skipped !== null) {
    return [title, JOURNAL_NAMES[journal], promise, ...Array(6).fill("–"), `skipped: ${skipped}`];
  }
  const silence = Math.max(...results.map(({ counts }) => counts.longestSilenceMs));
  return [
    title,
    JOURNAL_NAMES[journal],
    promise,
    number(({ accepted }) => accepted),
    `${number(({ delivered }) => delivered)} of ${number(({ owed }) => owed)}`,
    number(({ doubled }) => doubled),
    number(({ told }) => told),
    number(({ lost }) => lost),
    `${(silence / 1_000).toFixed(1)} s`,
    results.every(({ broken }) => broken.length === 0) ? "kept" : "**broken**",
  ];
}
