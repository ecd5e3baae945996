/** Formats the summaries as a Markdown table. */

import { TITLES } from "./contestants.ts";
import type { Summary } from "./summary.ts";

const HEAD = [
  "server",
  "delivered",
  "doubled",
  "replay p50",
  "replay p99",
  "age p50",
  "age p99",
  "CPU of a delivery",
  "rounds",
];

export function tableOf(summaries: readonly Summary[]): string {
  const rule = HEAD.map((_, column) => column === 0 ? "---" : "---:");
  return [HEAD, rule, ...summaries.map(lineOf)].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function lineOf(summary: Summary): string[] {
  const { name, share, doubled, replayP50, replayP99, ageP50, ageP99, cpuPerDelivery, rounds } = summary;
  return [
    TITLES[name],
    percent(share),
    doubled.toLocaleString("en"),
    ...[replayP50, replayP99, ageP50, ageP99].map(duration),
    cpuPerDelivery === null ? "unknown" : `${cpuPerDelivery.toFixed(0)} µs`,
    `${rounds}`,
  ];
}

/** Says 100 % only of everything: rounding must not hide a loss. */
export function percent(share: number): string {
  return share === 1 ? "100 %" : `${(Math.floor(share * 10_000) / 100).toFixed(2)} %`;
}

/** Formats milliseconds. */
export function duration(milliseconds: number): string {
  if (!Number.isFinite(milliseconds)) return "never";
  if (milliseconds >= 1_000) return `${(milliseconds / 1_000).toFixed(2)} s`;
  return `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms`;
}
