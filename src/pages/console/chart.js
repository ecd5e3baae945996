/** A chart: one metric with a line per node, and its current value as a number. */

import { element } from "../shared/dom.js";
import { exactNumber, shortNumber } from "./numbers.js";

const { uPlot } = globalThis;
const SERIES = 6; // the number of colours, which repeat after that
const SPAN_SECONDS = 180;
const AXIS = { size: 44, gap: 4 };

/** Returns the colour of the node with this index, from the style sheet and so for the reader's theme. */
function colour(index) {
  const probe = document.querySelector(`.series-${index % SERIES}`);
  return probe === null ? "gray" : getComputedStyle(probe).color;
}

function variable(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export class Chart {
  #options;
  #plot = null;
  #names = "";
  #now = element("span", { class: "now" });
  #holder = element("div", { class: "plot", ariaHidden: "true" });

  /**
   * @param options `title`; `lines`: the values to draw, each with an optional `dashed`; `unit`; `isSum`:
   * whether the current value is the sum over all nodes or their maximum; `isExact`: whether it keeps all
   * digits; `minScale`: the lowest top of the y axis; `about`: a sentence below the chart
   */
  constructor(options) {
    this.#options = options;
    const caption = element("figcaption", {}, element("h3", { textContent: options.title }), this.#now);
    const about = element("p", { class: "about small muted", textContent: options.about });
    this.figure = element("figure", { class: "card" }, caption, this.#holder, about);
    new ResizeObserver(() => this.#plot?.setSize(this.#size)).observe(this.#holder);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#plot?.redraw());
  }

  show({ times, nodes }) {
    const { lines } = this.#options;
    const all = [...nodes.values()];
    const columns = all.flatMap(({ values }) =>
      lines.map(({ value }) => values.map((sample) => sample?.[value] ?? null))
    );
    const names = [...nodes.keys()].join();
    if (this.#plot === null || names !== this.#names) this.#build(all.length);
    this.#names = names;
    this.#plot.setData([times, ...columns]);
    this.#now.textContent = this.#currentValue(all);
  }

  get #size() {
    return { width: this.#holder.clientWidth, height: this.#holder.clientHeight };
  }

  #currentValue(all) {
    const { lines, unit, isSum, isExact } = this.#options;
    const number = isExact ? exactNumber : shortNumber;
    const texts = lines.map(({ value }) => {
      const latest = all.map(({ values }) => values.at(-1)?.[value] ?? null).filter((number) =>
        number !== null
      );
      if (latest.length === 0) return "–";
      return number(isSum ? latest.reduce((a, b) => a + b) : Math.max(...latest));
    });
    return texts.join(" / ") + (unit === "" ? "" : ` ${unit}`);
  }

  #build(count) {
    this.#plot?.destroy();
    const { lines } = this.#options;
    const series = Array.from({ length: count }, (_, index) =>
      lines.map(({ dashed }) => ({
        stroke: () => colour(index),
        width: 2,
        points: { show: false },
        spanGaps: false,
        ...(dashed && { dash: [4, 4], width: 1.5 }),
      }))).flat();
    this.#plot = new uPlot(
      {
        ...this.#size,
        legend: { show: false },
        cursor: { show: false },
        scales: {
          x: { range: (_, __, latest) => [latest - SPAN_SECONDS, latest] },
          y: { range: (_, __, max) => [0, topOf(max, this.#options.minScale)] },
        },
        axes: [axis({ size: 24, splits: minutes, values: ago }), axis({ ...AXIS, values: short })],
        series: [{}, ...series],
      },
      [[]],
      this.#holder,
    );
  }
}

/**
 * Returns the top of the y axis: a tenth above the maximum, and high enough that noise does not fill the
 * chart.
 */
function topOf(max, minScale = 1) {
  return Math.max(minScale, (max ?? 0) * 1.1);
}

function axis(more) {
  return {
    stroke: () => variable("--muted"),
    grid: { stroke: () => variable("--border"), width: 1 },
    ticks: { show: false },
    font: "11px system-ui, sans-serif",
    ...more,
  };
}

/** Returns the ticks of the x axis, away from the edges so that their labels fit. */
function minutes({ scales }) {
  const { max: latest } = scales.x;
  return [latest - 170, latest - 120, latest - 60, latest - 5];
}

function ago() {
  return ["-3 min", "-2 min", "-1 min", "now"];
}

function short(_, splits) {
  return splits.map(shortNumber);
}
