/** Draws figures over time with characters: a line of bars for each. */

const BARS = "▁▂▃▄▅▆▇█";

export interface TextLine {
  readonly title: string;
  /** Any number of values, which are equally far apart. */
  readonly values: readonly number[];
  readonly format: (value: number) => string;
}

/** @param width the number of bars of a line */
export function textPlot(lines: readonly TextLine[], width = 72): string {
  const indent = Math.max(...lines.map(({ title }) => title.length));
  return lines.map(({ title, values, format }) => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return `${title.padEnd(indent)}  ${bars(values, width)}  ${format(low)} to ${format(high)}`;
  }).join("\n");
}

/** A bar is the highest value of its time. The lowest of all values has the lowest bar, and the highest the highest. */
function bars(values: readonly number[], width: number): string {
  const [low, high] = [Math.min(...values), Math.max(...values)], scale = high - low || 1;
  return Array.from(
    { length: Math.min(width, values.length) },
    (_, n, count = Math.min(width, values.length)) => {
      const part = values.slice(
        Math.floor(n * values.length / count),
        Math.floor((n + 1) * values.length / count),
      );
      return BARS[Math.round((Math.max(...part) - low) / scale * (BARS.length - 1))] ?? "";
    },
  ).join("");
}
