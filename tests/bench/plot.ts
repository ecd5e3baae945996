/** The plot: the distribution of latency, and the deliveries per second over the number of tabs. */

import { CHART, chartOf, type Line, logarithmic } from "./chart.ts";
import { PERCENTILES } from "./load/plan.ts";
import { median } from "./load/percentiles.ts";
import type { Row } from "./rounds.ts";
import { DELIVERIES, fanOut, type Scenario, SCENARIOS } from "./scenarios.ts";
import { summaryOf } from "./summary.ts";
import { element, type Svg, text } from "./svg.ts";

const TABS = [1, 10, 100, 1_000, 10_000];
const LEGEND_HEIGHT = 28, MARGIN = 8;
const WIDTH = 2 * CHART.width + 2 * MARGIN, HEIGHT = CHART.height + LEGEND_HEIGHT + 2 * MARGIN;
const SHOWN = 99.9; // a few seconds have too few notifications for higher percentiles

const STYLE = `
text { font: 12px system-ui, sans-serif; fill: #57606a; }
.title { font-weight: 600; fill: #1f2328; }
.middle { text-anchor: middle; }
.end { text-anchor: end; }
.grid { stroke: #d0d7de; stroke-width: 1; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; }
.s0 { stroke: #cf222e; stroke-width: 3; }
.s1 { stroke: #bc4c00; stroke-dasharray: 6 3; }
.s2 { stroke: #57606a; }
.s3 { stroke: #8250df; }
.s4 { stroke: #1a7f37; }
.s5 { stroke: #0969da; }
@media (prefers-color-scheme: dark) {
text { fill: #9198a1; }
.title { fill: #f0f6fc; }
.grid { stroke: #3d444d; }
.s0 { stroke: #ff7b72; }
.s1 { stroke: #ffa657; }
.s2 { stroke: #9198a1; }
.s3 { stroke: #d2a8ff; }
.s4 { stroke: #7ee787; }
.s5 { stroke: #79c0ff; }
}
`;

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
  return element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      width: WIDTH,
      height: HEIGHT,
      role: "img",
      "aria-label": label,
    },
    element("style", {}, text(STYLE)),
    at(MARGIN, MARGIN, latencies(lines(latencyPoints))),
    at(MARGIN + CHART.width, MARGIN, throughput(lines(throughputPoints))),
    at(MARGIN, MARGIN + CHART.height, legend(servers)),
  ) + "\n";
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

function legend(servers: readonly string[]): Svg {
  const step = (WIDTH - 2 * MARGIN) / servers.length;
  const entries = servers.flatMap((server, index) => [
    element("line", { class: `line s${index}`, x1: index * step, x2: index * step + 20, y1: 12, y2: 12 }),
    element("text", { x: index * step + 26, y: 16 }, text(server)),
  ]);
  return element("g", {}, ...entries);
}

function at(x: number, y: number, content: Svg): Svg {
  return element("g", { transform: `translate(${x} ${y})` }, content);
}
