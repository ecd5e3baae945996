/** Formats the results as a Markdown table. */

import { FLOOR, GORILLA } from "./peers.ts";
import type { Row } from "./rounds.ts";
import type { Figure } from "./scenarios.ts";
import { lossesOf, ratioTo, summaryOf } from "./summary.ts";
import { median } from "./load/percentiles.ts";

const HEAD = [
  "scenario",
  "server",
  "figure",
  "median",
  "range",
  "× floor",
  "× gorilla",
  "lost",
  "CPU of the load",
];
const LEFT = new Set(["scenario", "server", "figure", "lost"]);

export function tableOf(rows: readonly Row[]): string {
  const lines = rows.flatMap((row) => row.scenario.figures.map((figure) => lineOf(row, { rows, figure })));
  const rule = HEAD.map((title) => LEFT.has(title) ? "---" : "---:");
  return [HEAD, rule, ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function lineOf(row: Row, { rows, figure }: { rows: readonly Row[]; figure: Figure }): string[] {
  const summary = summaryOf(row.results, figure);
  const text = (value: number) => formatted(value, figure.digits);
  const ratio = (other: string) => {
    const value = ratioTo(other, { row, rows, figure });
    return value === null ? "–" : formatted(value, 2);
  };
  return [
    row.scenario.title,
    row.server,
    figure.name,
    summary === null ? "–" : text(summary.median),
    summary === null ? "–" : `${text(summary.min)} to ${text(summary.max)}`,
    ratio(FLOOR),
    ratio(GORILLA),
    lossesOf(row.results),
    loadOf(row),
  ];
}

function loadOf({ scenario, results }: Row): string {
  const shares = results.map((result) => result[scenario.phase].loadCpu).filter((share) => share !== null);
  return shares.length === 0 ? "unknown" : `${formatted(median(shares) * 100, 0)} %`;
}

function formatted(value: number, digits: number): string {
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
