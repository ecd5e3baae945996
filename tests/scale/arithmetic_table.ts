/** Formats the arithmetic as a Markdown table: this run, and what more tabs would need. */

import { type Measured, project, type Projection } from "./arithmetic.ts";
import { count, seconds } from "./units.ts";

const TABS = [1_000_000, 100_000_000];

const ROWS: readonly (readonly [title: string, text: (one: Projection) => string])[] = [
  ["nodes", ({ nodes }) => count(nodes)],
  ["memory of a node", ({ bytesOfNode }) => gigabytes(bytesOfNode)],
  ["memory of all nodes", ({ bytesOfNodes }) => gigabytes(bytesOfNodes)],
  ["subscriptions in NATS", ({ subscriptions }) => count(subscriptions)],
  ["their memory in each NATS server", ({ bytesOfNats }) => gigabytes(bytesOfNats)],
  ["one to everyone: CPU of all nodes", ({ cpuOfEveryone }) => seconds(cpuOfEveryone)],
  ["one to everyone: time", ({ secondsOfEveryone }) => seconds(secondsOfEveryone)],
  ["a node is lost: work of each other node", ({ secondsAfterLoss }) => seconds(secondsAfterLoss)],
  ["a node is lost: work of NATS", ({ natsSecondsAfterLoss }) => seconds(natsSecondsAfterLoss)],
  ["all tabs connect at once: work of each node", ({ secondsOfAll }) => seconds(secondsOfAll)],
  ["heartbeats that NATS sends a second", ({ heartbeats }) => count(heartbeats)],
];

export function arithmeticTable(measured: Measured): string {
  const { tabs, nodes } = measured.options;
  const columns = [project(measured, { tabs, nodes }), ...TABS.map((tabs) => project(measured, { tabs }))];
  const lines = [
    ["tabs", ...columns.map(({ tabs }) => count(tabs))],
    ["---", ...columns.map(() => "---:")],
    ...ROWS.map(([title, text]) => [title, ...columns.map(text)]),
  ];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function gigabytes(bytes: number): string {
  const [value, unit] = bytes < 1e9 ? [bytes / 1e6, "MB"] : [bytes / 1e9, "GB"];
  return `${value < 10 ? value.toFixed(1) : count(value)} ${unit}`;
}
