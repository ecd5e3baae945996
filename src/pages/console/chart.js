/** A chart: one figure of all nodes, a line for each, and what it is now in words. */

import { element } from "../shared/dom.js";
import { exactNumber, shortNumber } from "./numbers.js";

const { uPlot } = globalThis;
const SERIES = 6; // colours; then they come again
const SPAN_SECONDS = 180;
const AXIS = { size: 44, gap: 4 };

/** The colour of the node with this index, as the style sheet and the reader's theme have it. */
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
   * @param options `title`; `lines`: which values there is a line of, and whether it is dashed; `unit`; `sum`: what
   * is said of all nodes now is their sum, otherwise the largest; `isExact`: with all digits; `about`: a sentence
   */
  constructor(options) {
    this.#options = options;
    const caption = element("figcaption", {}, element("h3", { textContent: options.title }), this.#now);
    const about = element("p", { class: "about small quiet", textContent: options.about });
    this.figure = element("figure", { class: "card" }, caption, this.#holder, about);
    new ResizeObserver(() => this.#plot?.setSize(this.#size)).observe(this.#holder);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#plot?.redraw());
  }

  show({ times, nodes }) {
    const { lines } = this.#options;
    const all = [...nodes.values()];
    const columns = all.flatMap(({ values }) =>
      lines.map(({ value }) => values.map((one) => one?.[value] ?? null))
    );
    const names = [...nodes.keys()].join();
    if (this.#plot === null || names !== this.#names) this.#build(all.length);
    this.#names = names;
    this.#plot.setData([times, ...columns]);
    this.#now.textContent = this.#words(all);
  }

  get #size() {
    return { width: this.#holder.clientWidth, height: this.#holder.clientHeight };
  }

  #words(all) {
    const { lines, unit, sum, isExact } = this.#options;
    const number = isExact ? exactNumber : shortNumber;
    const said = lines.map(({ value }) => {
      const latest = all.map(({ values }) => values.at(-1)?.[value] ?? null).filter((one) => one !== null);
      if (latest.length === 0) return "–";
      return number(sum ? latest.reduce((a, b) => a + b) : Math.max(...latest));
    });
    return said.join(" / ") + (unit === "" ? "" : ` ${unit}`);
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
          y: { range: (_, __, max) => [0, maxOf(max, this.#options.least)] },
        },
        axes: [axis({ size: 24, splits: minutes, values: ago }), axis({ ...AXIS, values: short })],
        series: [{}, ...series],
      },
      [[]],
      this.#holder,
    );
  }
}

/** The top of the scale: some air over the highest, and never so little that noise fills the chart. */
function maxOf(max, least = 1) {
  return Math.max(least, (max ?? 0) * 1.1);
}

function axis(more) {
  return {
    stroke: () => variable("--quiet"),
    grid: { stroke: () => variable("--line"), width: 1 },
    ticks: { show: false },
    font: "11px system-ui, sans-serif",
    ...more,
  };
}

/** Off the edges, so that there is room for the words below them. */
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
