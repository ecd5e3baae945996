/** The tables that show the result of a lookup: a target's connections and its latest notifications. */

import { byId, element } from "../shared/dom.js";
import { exactNumber, since } from "./numbers.js";

const MAX_CONNECTIONS = 200;
const MAX_CHARACTERS = 300; // of data; the reader can unfold the rest

const cell = (text, properties = {}) => element("td", { textContent: text, ...properties });

export function showLookup({ connections, notifications, unread, isComplete }) {
  const shown = connections.toSorted((a, b) => b.behind - a.behind).slice(0, MAX_CONNECTIONS);
  fill("connections", shown.map(connectionRow), "No connection is open.");
  note("connections-note", shown.length < connections.length && sizes(shown.length, connections.length));
  fill("notifications", notifications.map(notificationRow), "No notification is stored.");
  note("notifications-note", !isComplete && "The journal holds newer notifications than this page has read.");
  showUnread(unread);
  byId("lookup").hidden = false;
}

export function showUnread(count) {
  byId("unread").textContent = `${exactNumber(count)} unread notification${count === 1 ? "" : "s"}`;
}

export function hideLookup() {
  byId("lookup").hidden = true;
}

function fill(id, rows, placeholder) {
  const empty = element("tr", {}, cell(placeholder, { colSpan: 7, class: "empty" }));
  byId(id).replaceChildren(...(rows.length > 0 ? rows : [empty]));
}

function note(id, text) {
  byId(id).textContent = text || "";
  byId(id).hidden = !text;
}

function sizes(shown, total) {
  return `Showing ${exactNumber(shown)} of ${exactNumber(total)}; connections that are behind come first.`;
}

function connectionRow({ id, node, transport, connected_at: at, behind }) {
  return element(
    "tr",
    {},
    cell(id.slice(0, 8), { class: "mono", title: id }),
    cell(node.slice(0, 8), { class: "mono", title: node }),
    cell(transport === "sse" ? "SSE" : "WebSocket"),
    cell(since(Date.parse(at)), { title: at, class: "name" }),
    cell(behind ? "behind" : "live", { class: behind ? "warning" : "success" }),
  );
}

function notificationRow({ id, at, data, report }) {
  const number = (value) => cell(value ?? "–", { class: "number" });
  const ms = report?.first_ack_ms;
  return element(
    "tr",
    {},
    cell(new Date(at).toLocaleTimeString(), { title: at, class: "name" }),
    cell(id.length > 12 ? `${id.slice(0, 11)}…` : id, { class: "mono name", title: id }),
    dataCell(data),
    number(report && exactNumber(report.sent)),
    number(report && exactNumber(report.acked)),
    number(ms == null ? null : `${exactNumber(ms)} ms`),
    number(report && exactNumber(report.read)),
  );
}

function dataCell(text) {
  if (text.length <= MAX_CHARACTERS) return cell(text, { class: "mono data" });
  const start = `${text.slice(0, MAX_CHARACTERS)}… (${exactNumber(text.length)} characters)`;
  const summary = element("summary", { textContent: start });
  return element(
    "td",
    { class: "mono data" },
    element("details", {}, summary, element("p", { textContent: text })),
  );
}
