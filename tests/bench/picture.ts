/** A picture for the documentation: charts beside each other, with a legend below, for light and dark pages. */

import { CHART } from "./chart.ts";
import { STYLE } from "./style.ts";
import { element, type Svg, text } from "./svg.ts";

const LEGEND_HEIGHT = 28, MARGIN = 8;
const HEIGHT = CHART.height + LEGEND_HEIGHT + 2 * MARGIN;

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
