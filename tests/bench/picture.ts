/** A picture for the documentation: charts beside each other, with a legend below, for light and dark pages. */

import { CHART } from "./chart.ts";
import { element, type Svg, text } from "./svg.ts";

const LEGEND_HEIGHT = 28, MARGIN = 8;
const HEIGHT = CHART.height + LEGEND_HEIGHT + 2 * MARGIN;

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

export interface Picture {
  /** What it shows, for readers who do not see it. */
  readonly label: string;
  /** Each has the size of `CHART`. */
  readonly charts: readonly Svg[];
  /** The names of the lines with the classes `s0`, `s1` and so on. */
  readonly servers: readonly string[];
}

/** Returns an SVG document. */
export function pictureOf({ label, charts, servers }: Picture): string {
  const width = charts.length * CHART.width + 2 * MARGIN;
  return element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${width} ${HEIGHT}`,
      width,
      height: HEIGHT,
      role: "img",
      "aria-label": label,
    },
    element("style", {}, text(STYLE)),
    ...charts.map((chart, index) => at(MARGIN + index * CHART.width, MARGIN, chart)),
    at(MARGIN, MARGIN + CHART.height, legend(servers, width - 2 * MARGIN)),
  ) + "\n";
}

function legend(servers: readonly string[], width: number): Svg {
  const step = width / servers.length;
  const entries = servers.flatMap((server, index) => [
    element("line", { class: `line s${index}`, x1: index * step, x2: index * step + 20, y1: 12, y2: 12 }),
    element("text", { x: index * step + 26, y: 16 }, text(server)),
  ]);
  return element("g", {}, ...entries);
}

function at(x: number, y: number, content: Svg): Svg {
  return element("g", { transform: `translate(${x} ${y})` }, content);
}
