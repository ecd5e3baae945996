/** The plot of a run: how many tabs were connected and how many had a notification, over time. */

import { type Axis, CHART, chartOf } from "../bench/chart.ts";
import { element, type Svg, text } from "../bench/svg.ts";
import type { Outcome } from "./run.ts";
import type { Curve } from "./stage.ts";
import { count } from "./units.ts";

const MARGIN = 8;
const WIDTH = 2 * CHART.width + 2 * MARGIN, HEIGHT = 2 * CHART.height + 2 * MARGIN;
const STEPS = 5; // of an axis, about

const STYLE = `
text { font: 12px system-ui, sans-serif; fill: #57606a; }
.title { font-weight: 600; fill: #1f2328; }
.middle { text-anchor: middle; }
.end { text-anchor: end; }
.grid { stroke: #d0d7de; stroke-width: 1; }
.line { fill: none; stroke: #cf222e; stroke-width: 3; stroke-linejoin: round; }
@media (prefers-color-scheme: dark) {
text { fill: #9198a1; }
.title { fill: #f0f6fc; }
.grid { stroke: #3d444d; }
.line { stroke: #ff7b72; }
}
`;

/** Returns an SVG document that fits light and dark pages. */
export function plotOf({ figures, options: { tabs, nodes } }: Pick<Outcome, "figures" | "options">): string {
  const label = `${
    count(tabs)
  } tabs on ${nodes} nodes: connecting, one notification to everyone, and a lost node`;
  const panels = [
    panel("Tabs connect", figures.connect.curve),
    panel("Tabs that have one notification to everyone", figures.everyone.curve),
    panel("A node is killed: tabs that are connected", figures.lostNode.curve),
    panel("One more to everyone", figures.again.curve),
  ];
  const attributes = {
    xmlns: "http://www.w3.org/2000/svg",
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    width: WIDTH,
    height: HEIGHT,
    role: "img",
    "aria-label": label,
  };
  const placed = panels.map((one, n) =>
    at(MARGIN + (n % 2) * CHART.width, MARGIN + Math.floor(n / 2) * CHART.height, one)
  );
  return `${element("svg", attributes, element("style", {}, text(STYLE)), ...placed)}\n`;
}

function panel(title: string, curve: Curve): Svg {
  const xs = curve.map(([seconds]) => seconds), ys = curve.map(([, tabs]) => tabs);
  const x = axis("seconds", Math.max(...xs)), y = axis("", Math.max(...ys));
  return chartOf({ title, x, y, lines: [{ points: curve, className: "" }] });
}

/** An axis from 0 to at least a value, in steps of 1, 2 or 5 times a power of ten. */
function axis(title: string, max: number): Axis {
  const rough = Math.max(max, Number.MIN_VALUE) / STEPS, power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const ticks = Array.from(
    { length: Math.ceil(max / step) + 1 },
    (_, n) => Number((n * step).toPrecision(6)),
  );
  return {
    title,
    ticks: ticks.map((value) => ({ value, label: value.toLocaleString("en", { notation: "compact" }) })),
    scale: (value) => value,
  };
}

function at(x: number, y: number, content: Svg): Svg {
  return element("g", { transform: `translate(${x} ${y})` }, content);
}
