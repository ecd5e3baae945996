/** Draws a chart: a grid with labels, and a line for each server. */

import { element, type Svg, text } from "./svg.ts";

/** An axis with its labels. */
export interface Axis {
  readonly title: string;
  readonly ticks: readonly { readonly value: number; readonly label: string }[];
  /** Maps a value to a number that is proportional to its distance on the chart. */
  readonly scale: (value: number) => number;
}

export interface Line {
  readonly points: readonly (readonly [x: number, y: number])[];
  /** The CSS class of the line. */
  readonly className: string;
}

export interface Chart {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly lines: readonly Line[];
}

export const CHART = { width: 400, height: 300 };
const LEFT = 52, RIGHT = 12, TOP = 32, BOTTOM = 46;

/** A scale on which powers of ten are equally far apart. */
export function logarithmic(value: number): number {
  return Math.log10(value);
}

/** Draws within the size of `CHART`, with the top left corner at (0, 0). */
export function chartOf({ title, x, y, lines }: Chart): Svg {
  const toX = createScale(x, { from: LEFT, to: CHART.width - RIGHT });
  const toY = createScale(y, { from: CHART.height - BOTTOM, to: TOP });
  const middle = (LEFT + CHART.width - RIGHT) / 2;
  return element(
    "g",
    {},
    element("text", { x: LEFT, y: 16, class: "title" }, text(title)),
    ...x.ticks.flatMap(({ value, label }) => [
      element("line", { class: "grid", x1: toX(value), x2: toX(value), y1: TOP, y2: CHART.height - BOTTOM }),
      element("text", { class: "middle", x: toX(value), y: CHART.height - BOTTOM + 16 }, text(label)),
    ]),
    ...y.ticks.flatMap(({ value, label }) => [
      element("line", { class: "grid", x1: LEFT, x2: CHART.width - RIGHT, y1: toY(value), y2: toY(value) }),
      element("text", { class: "end", x: LEFT - 6, y: toY(value) + 4 }, text(label)),
    ]),
    element("text", { class: "middle", x: middle, y: CHART.height - 10 }, text(x.title)),
    ...lines.map(({ points, className }) =>
      element("polyline", {
        class: `line ${className}`,
        points: points.map(([px, py]) => `${toX(px).toFixed(1)},${toY(py).toFixed(1)}`).join(" "),
      })
    ),
  );
}

/** Maps values from the first tick to the last. A value beyond them is drawn at the border. */
function createScale(
  { ticks, scale }: Axis,
  { from, to }: { from: number; to: number },
): (value: number) => number {
  const [first, last] = [scale(ticks[0]?.value ?? 0), scale(ticks.at(-1)?.value ?? 1)];
  return function toPixels(value) {
    const share = (scale(value) - first) / (last - first);
    return from + Math.min(1, Math.max(0, share)) * (to - from);
  };
}
