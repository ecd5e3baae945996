/** Looking up a target: its connections, its latest notifications with their reports, a test, and sending it away. */

import { byId, element } from "../shared/dom.js";
import { ask } from "../shared/server.js";
import { since } from "./numbers.js";

const MOST_SHOWN = 20;
const MOST_PAGES = 50;

const cell = (text, properties = {}) => element("td", { textContent: text, ...properties });
const pathOf = (target) => `/v1/targets/${encodeURIComponent(target)}`;

export function startTargetPanel() {
  const target = () => byId("target").value;
  byId("target-form").onsubmit = (event) => {
    event.preventDefault();
    act(() => lookUp(target()));
  };
  byId("test").onclick = () => whenNamed(() => act(() => sendTest(target())));
  byId("disconnect").onclick = () => whenNamed(() => askWhether(target()));
}

function whenNamed(then) {
  if (byId("target-form").reportValidity()) then();
}

/** Says what came of it, also if it was refused. */
async function act(action) {
  const answer = byId("target-answer");
  answer.className = "small quiet";
  answer.textContent = "…";
  try {
    answer.textContent = await action();
  } catch (refusal) {
    answer.className = "small bad";
    answer.textContent = refusal.message;
  }
}

async function lookUp(target) {
  const [{ connections }, kept] = await Promise.all([ask(pathOf(target)), latestOf(target)]);
  const reports = await Promise.all(kept.map(({ id }) => reportOf(id)));
  fill(byId("connections"), connections.map(connectionRow), "No connection is open.");
  fill(
    byId("notifications"),
    kept.map((one, index) => notificationRow(one, reports[index])),
    "Nothing is kept.",
  );
  byId("found").hidden = false;
  return `${target} has ${count(connections.length, "connection")}, as of ${
    new Date().toLocaleTimeString()
  }.`;
}

/** The newest first. The journal is read from the oldest on, for it knows no other way. */
async function latestOf(target) {
  let latest = [], after = "";
  for (let page = 0; page < MOST_PAGES; page++) {
    const { notifications, next, more } = await ask(`${pathOf(target)}/notifications${after}`);
    latest = [...latest, ...notifications].slice(-MOST_SHOWN);
    if (!more) break;
    after = `?after=${next}`;
  }
  return latest.reverse();
}

/** Null: nothing is known of it any more. */
async function reportOf(id) {
  try {
    return await ask(`/v1/notifications/${encodeURIComponent(id)}`);
  } catch (refusal) {
    if (refusal.status === 404) return null;
    throw refusal;
  }
}

async function sendTest(target) {
  const data = { title: "A test from the console", body: new Date().toLocaleTimeString() };
  const { id } = await ask("/v1/notify", { body: { target, data } });
  await lookUp(target);
  return `The test is sent: ${id}`;
}

function askWhether(target) {
  const dialog = byId("sure");
  byId("sure-heading").textContent = `Disconnect ${target}?`;
  dialog.returnValue = "no";
  dialog.onclose = () => {
    if (dialog.returnValue === "yes") act(() => disconnect(target));
  };
  dialog.showModal();
}

async function disconnect(target) {
  const { closed } = await ask(`${pathOf(target)}/connections`, { method: "DELETE" });
  await lookUp(target);
  return `${count(closed, "connection")} of ${target} closed.`;
}

function fill(body, rows, nothing) {
  const none = element("tr", {}, cell(nothing, { colSpan: 6, class: "empty" }));
  body.replaceChildren(...(rows.length > 0 ? rows : [none]));
}

function connectionRow({ id, node, transport, connected_at: at, behind }) {
  return element(
    "tr",
    {},
    cell(id.slice(0, 8), { class: "mono", title: id }),
    cell(node.slice(0, 8), { class: "mono", title: node }),
    cell(transport === "sse" ? "SSE" : "WebSocket"),
    cell(since(Date.parse(at)), { title: at, class: "name" }),
    cell(behind ? "behind" : "live", { class: behind ? "busy" : "good" }),
  );
}

function notificationRow({ id, at, data }, report) {
  const number = (value) => cell(value ?? "–", { class: "number" });
  return element(
    "tr",
    {},
    cell(new Date(at).toLocaleTimeString(), { title: at, class: "name" }),
    cell(id.length > 12 ? `${id.slice(0, 11)}…` : id, { class: "mono name", title: id }),
    cell(JSON.stringify(data), { class: "mono data" }),
    number(report?.sent),
    number(report?.acked),
    number(report?.first_ack_ms == null ? null : `${report.first_ack_ms} ms`),
  );
}

function count(number, word) {
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}
