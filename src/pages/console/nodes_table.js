/** The table of the nodes: what the charts show, in numbers, and more. */

import { element } from "../shared/dom.js";
import { bytes, percent, shortNumber, since } from "./numbers.js";

const SERIES = 6;

const rate = (name) => (_, latest) => latest?.[name] == null ? "–" : shortNumber(latest[name]);
const sum = (counts) => Object.values(counts).reduce((a, b) => a + b, 0);

/** Of each column, its head and its cell. */
const COLUMNS = [
  ["WebSocket", ({ connections }) => shortNumber(connections.websocket)],
  ["SSE", ({ connections }) => shortNumber(connections.sse)],
  ["Targets", ({ targets }) => shortNumber(targets)],
  ["Behind", ({ behind }) => shortNumber(behind)],
  ["Seats", ({ seats }) => percent(seats)],
  ["Feed", ({ feed }) => percent(feed)],
  ["In outboxes", ({ waitingBytes }) => bytes(waitingBytes)],
  ["Accepted/s", rate("accepted")],
  ["Delivered/s", rate("delivered")],
  ["p50 ms", rate("p50")],
  ["p99 ms", rate("p99")],
  ["Fell behind", ({ fellBehind }) => shortNumber(fellBehind)],
  ["4200", ({ ended }) => shortNumber(ended[4200] ?? 0)],
  ["Refused", ({ refused }) => shortNumber(sum(refused))],
  ["Failures", ({ failures }) => shortNumber(sum(failures))],
  ["Memory", ({ memoryBytes }) => bytes(memoryBytes)],
  ["Up", ({ at, startedAt }) => since(startedAt, at)],
];

export function headOfNodes() {
  const heads = COLUMNS.map(([head]) => element("th", { scope: "col", class: "number", textContent: head }));
  return element("tr", {}, element("th", { scope: "col", textContent: "Node" }), ...heads);
}

/** A row for each node, in the order of the charts' colours. */
export function rowsOfNodes({ nodes }) {
  return [...nodes].map(([node, { metrics, isSilent, values }], index) => {
    const swatch = element("span", { class: `swatch series-${index % SERIES}` });
    const name = element("th", { scope: "row", class: "name", title: node }, swatch, node.slice(0, 8));
    if (metrics === undefined || isSilent) {
      const cell = element("td", { colSpan: COLUMNS.length, class: "bad", textContent: "does not answer" });
      return element("tr", {}, name, cell);
    }
    const cells = COLUMNS.map(([, cell]) =>
      element("td", { class: "number", textContent: cell(metrics, values.at(-1)) })
    );
    return element("tr", {}, name, ...cells);
  });
}
