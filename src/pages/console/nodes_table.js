/** The table of nodes: the metrics of the charts as numbers, and others besides. */

import { element } from "../shared/dom.js";
import { bytes, exactNumber, percent, shortNumber, since } from "./numbers.js";

const SERIES = 6;

const rate = (name) => (_, latest) => latest?.[name] == null ? "–" : shortNumber(latest[name]);
const sum = (counts) => Object.values(counts).reduce((a, b) => a + b, 0);

/**
 * The groups of columns, each with its heading and its columns; a column has a heading and a function for its
 * cells.
 */
const GROUPS = [
  ["Connections", [
    ["WebSocket", ({ connections }) => exactNumber(connections.websocket)],
    ["SSE", ({ connections }) => exactNumber(connections.sse)],
    ["behind", ({ behind }) => exactNumber(behind)],
    ["targets", ({ targets }) => exactNumber(targets)],
    ["slots used", ({ slots }) => percent(slots)],
  ]],
  ["Queued", [
    ["feed", ({ feed }) => percent(feed)],
    ["outboxes", ({ waitingBytes }) => bytes(waitingBytes)],
  ]],
  ["Per second", [["accepted", rate("accepted")], ["delivered", rate("delivered")]]],
  ["Latency, ms", [["p50", rate("p50")], ["p99", rate("p99")]]],
  ["Since start", [
    ["fell behind", ({ fellBehind }) => exactNumber(fellBehind)],
    ["closed 4200", ({ ended }) => exactNumber(ended[4200] ?? 0)],
    ["refused", ({ refused }) => exactNumber(sum(refused))],
    ["failures", ({ failures }) => exactNumber(sum(failures))],
  ]],
  ["Process", [
    ["memory", ({ memoryBytes }) => bytes(memoryBytes)],
    ["uptime", ({ at, startedAt }) => since(startedAt, at)],
  ]],
];
const COLUMNS = GROUPS.flatMap(([, columns]) =>
  columns.map(([head, cell], index) => ({ head, cell, index }))
);

const classOf = ({ index }) => index === 0 ? "number first" : "number";

export function nodesTableHead() {
  const groups = GROUPS.map(([head, { length }]) =>
    element("th", { scope: "colgroup", class: "first", colSpan: length, textContent: head })
  );
  const columns = COLUMNS.map((column) =>
    element("th", { scope: "col", class: classOf(column), textContent: column.head })
  );
  const node = element("th", { scope: "col", class: "name", rowSpan: 2, textContent: "Node" });
  return [element("tr", {}, node, ...groups), element("tr", {}, ...columns)];
}

/** Returns a row per node. The order is that of the charts' colours. */
export function nodesTableRows({ nodes }) {
  return [...nodes].map(([node, { metrics, state, values }], index) => {
    const swatch = element("span", { class: `swatch series-${index % SERIES}` });
    const name = element("th", { scope: "row", class: "name", title: node }, swatch, node.slice(0, 8));
    if (state === "gone") return element("tr", {}, name, messageCell("is gone", "empty"));
    if (state === "silent") return element("tr", {}, name, messageCell("does not answer", "danger"));
    const cells = COLUMNS.map((column) =>
      element("td", { class: classOf(column), textContent: column.cell(metrics, values.at(-1)) })
    );
    return element("tr", {}, name, ...cells);
  });
}

function messageCell(textContent, kind) {
  return element("td", { colSpan: COLUMNS.length, class: `first ${kind}`, textContent });
}
