/** The picture of a soak: its memory, connections, files and journal over time, as SVG. */

import { type Axis, CHART, chartOf, type Line } from "../../bench/chart.ts";
import { STYLE } from "../../bench/style.ts";
import { element, type Svg, text } from "../../bench/svg.ts";
import type { Sample } from "../look/observer.ts";

interface Panel {
  readonly title: string;
  /** The names of the figures, and what they are divided by. */
  readonly lines: readonly { readonly name: string; readonly label: string; readonly className: string }[];
  readonly per: number;
}

const MEBIBYTE = 1024 * 1024;
const PANELS: readonly Panel[] = [
  {
    title: "Memory in MB",
    per: MEBIBYTE,
    lines: [
      { name: "residentBytes", label: "resident", className: "s0" },
      { name: "heapUsed", label: "V8 heap, with garbage", className: "s5" },
    ],
  },
  {
    title: "Connections and open sockets",
    per: 1,
    lines: [
      { name: "sockets", label: "sockets", className: "s2" },
      { name: "websockets", label: "WebSockets", className: "s0" },
      { name: "eventStreams", label: "event streams", className: "s4" },
    ],
  },
  {
    title: "Entries of the journal",
    per: 1,
    lines: [{ name: "journalEntries", label: "entries", className: "s3" }],
  },
  {
    title: "MB that wait in outboxes, and in the journal",
    per: MEBIBYTE,
    lines: [
      { name: "journalBytes", label: "journal", className: "s3" },
      { name: "outboxBytes", label: "outboxes", className: "s4" },
    ],
  },
];
const COLUMNS = 2, MARGIN = 8, LEGEND = 22;
const WIDTH = COLUMNS * CHART.width + 2 * MARGIN;
const HEIGHT = PANELS.length / COLUMNS * (CHART.height + LEGEND) + 2 * MARGIN;
const LABEL = "What a node uses during a soak: memory, connections, sockets, and entries of the journal";

/** Returns an SVG document that fits light and dark pages. */
export function soakPlot(samples: readonly Sample[]): string {
  const panels = PANELS.map((panel, n) =>
    element(
      "g",
      {
        transform: `translate(${MARGIN + n % COLUMNS * CHART.width} ${
          MARGIN + Math.floor(n / COLUMNS) * (CHART.height + LEGEND)
        })`,
      },
      panelOf(panel, samples),
      legendOf(panel),
    )
  );
  const size = { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT };
  const attributes = { xmlns: "http://www.w3.org/2000/svg", ...size, role: "img", "aria-label": LABEL };
  return `${element("svg", attributes, element("style", {}, text(STYLE)), ...panels)}\n`;
}

function panelOf({ title, lines, per }: Panel, samples: readonly Sample[]): Svg {
  const drawn = lines.map(({ name, className }): Line => ({
    className,
    points: samples.map(({ seconds, values }) => [seconds / 60, (values[name] ?? 0) / per]),
  }));
  const all = drawn.flatMap(({ points }) => points);
  const x = axisTo(Math.max(...all.map(([minutes]) => minutes)), "minutes");
  return chartOf({ title, x, y: axisTo(Math.max(...all.map(([, value]) => value)), ""), lines: drawn });
}

/** An axis from 0, with up to six round numbers. */
function axisTo(highest: number, title: string): Axis {
  const rough = Math.max(highest, Number.MIN_VALUE) / 5, power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const ticks = Array.from({ length: Math.ceil(highest / step) + 1 }, (_, n) => {
    const value = Number((n * step).toPrecision(6));
    return { value, label: value.toLocaleString("en") };
  });
  return { title, ticks, scale: (value) => value };
}

function legendOf({ lines }: Panel): Svg {
  const step = CHART.width / 3;
  return element(
    "g",
    { transform: `translate(${MARGIN} ${CHART.height})` },
    ...lines.flatMap(({ label, className }, n) => [
      element("line", { class: `line ${className}`, x1: n * step, x2: n * step + 16, y1: 8, y2: 8 }),
      element("text", { x: n * step + 22, y: 12 }, text(label)),
    ]),
  );
}
