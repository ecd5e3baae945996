/** The plot: the distribution of latency, and the deliveries per second over the number of tabs. */

import { chartOf, type Line, logarithmic } from "./chart.ts";
import { PERCENTILES } from "./load/plan.ts";
import { median } from "./load/percentiles.ts";
import { pictureOf } from "./picture.ts";
import type { Row } from "./rounds.ts";
import { DELIVERIES, fanOut, type Scenario, SCENARIOS } from "./scenarios.ts";
import { summaryOf } from "./summary.ts";
import type { Svg } from "./svg.ts";

const TABS = [1, 10, 100, 1_000, 10_000];
const SHOWN = 99.9; // a few seconds have too few notifications for higher percentiles

/** Returns the scenarios that the plot needs. */
export function plottedScenarios(): Scenario[] {
  return [
    ...SCENARIOS.filter(({ name }) => name === "rate"),
    ...TABS.map((tabs): Scenario => ({
      name: `tabs-${tabs}`,
      title: `one target, tabs: ${tabs}`,
      plan: fanOut(tabs),
      secured: false,
      phase: "running",
      figures: [DELIVERIES],
    })),
  ];
}

/** Returns an SVG document that fits light and dark pages. */
export function plotOf(rows: readonly Row[]): string {
  const servers = [...new Set(rows.map(({ server }) => server))];
  const rowsOf = (server: string) => rows.filter((row) => row.server === server);
  const lines = (pointsOf: (rows: readonly Row[]) => Line["points"]) =>
    servers.map((server, index) => ({ points: pointsOf(rowsOf(server)), className: `s${index}` }));
  const label =
    "Latency percentiles at 2,000 notifications a second, and deliveries a second by number of tabs";
  return pictureOf({
    label,
    charts: [latencies(lines(latencyPoints)), throughput(lines(throughputPoints))],
    servers,
  });
}

function latencies(lines: readonly Line[]): Svg {
  const ticks = (values: readonly number[]) => values.map((value) => ({ value, label: `${value}` }));
  // On this scale, 90, 99 and 99.9 are equally far apart.
  const nines = (percentile: number) => -Math.log10(1 - percentile / 100);
  const x = {
    title: "percentile, 2,000 notifications/s",
    ticks: ticks([0, 50, 90, 99, SHOWN]),
    scale: nines,
  };
  const y = { title: "ms", ticks: ticks([0.1, 0.3, 1, 3, 10, 30, 100]), scale: logarithmic };
  return chartOf({ title: "Latency in ms", x, y, lines });
}

function throughput(lines: readonly Line[]): Svg {
  const tick = (value: number) => ({ value, label: value.toLocaleString("en", { notation: "compact" }) });
  const x = { title: "tabs of one target", ticks: TABS.map(tick), scale: logarithmic };
  const y = {
    title: "",
    ticks: [1_000, 10_000, 100_000, 1_000_000, 10_000_000].map(tick),
    scale: logarithmic,
  };
  return chartOf({ title: "Deliveries a second, on one core", x, y, lines });
}

function latencyPoints(rows: readonly Row[]): Line["points"] {
  const results = rows.find(({ scenario }) => scenario.plan.rate !== null)?.results ?? [];
  return PERCENTILES.flatMap((percentile, index) => {
    const values = results.flatMap(({ latencies }) => latencies[index] ?? []);
    return percentile > SHOWN || values.length === 0 ? [] : [[percentile, median(values)] as const];
  });
}

function throughputPoints(rows: readonly Row[]): Line["points"] {
  return rows.filter(({ scenario }) => scenario.plan.rate === null).flatMap(({ scenario, results }) => {
    const summary = summaryOf(results, DELIVERIES);
    return summary === null ? [] : [[scenario.plan.tabs, summary.median] as const];
  });
}
