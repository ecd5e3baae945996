/** The console: asks for a key if the service requires one, then shows the metrics of all nodes. */

import { byId } from "../shared/dom.js";
import { publisherKey } from "../shared/key_form.js";
import { forgetKey, storedKey } from "../shared/server.js";
import { Chart } from "./chart.js";
import { History } from "./history.js";
import { nodesTableHead, nodesTableRows } from "./nodes_table.js";
import { readSnapshots } from "./snapshots.js";
import { startTargetPanel } from "./target_panel.js";

const charts = [
  new Chart({
    title: "Connections",
    lines: [{ value: "connections" }],
    unit: "",
    isSum: true,
    isExact: true,
    minScale: 5,
    about: "Open tabs and devices, summed over all nodes.",
  }),
  new Chart({
    title: "Notifications accepted",
    lines: [{ value: "accepted" }],
    unit: "per second",
    isSum: true,
    about: "A notification counts once per target.",
  }),
  new Chart({
    title: "Deliveries",
    lines: [{ value: "delivered" }],
    unit: "per second",
    isSum: true,
    about: "A notification counts once per connection that it was sent to.",
  }),
  new Chart({
    title: "Latency, p50 and p99",
    lines: [{ value: "p50", dashed: true }, { value: "p99" }],
    unit: "ms",
    isSum: false,
    minScale: 5,
    about: "From acceptance to the socket. The dashed line is p50.",
  }),
  new Chart({
    title: "Fullest outbox",
    lines: [{ value: "outbox" }],
    unit: "%",
    isSum: false,
    minScale: 10,
    about: "At 100 % the connection falls behind and reads from the journal instead.",
  }),
  new Chart({
    title: "Slow consumers, per second and now",
    lines: [{ value: "slow" }, { value: "behind", dashed: true }],
    unit: "",
    isSum: true,
    isExact: true,
    minScale: 2,
    about: "Solid: fell behind or closed with 4200, per second. Dashed: behind now.",
  }),
  new Chart({
    title: "CPU of the event loop",
    lines: [{ value: "cpu" }],
    unit: "%",
    isSum: false,
    minScale: 10,
    about: "Of one core, which is all that a node's event loop can use.",
  }),
  new Chart({
    title: "Event-loop lag",
    lines: [{ value: "lag" }],
    unit: "ms",
    isSum: false,
    minScale: 10,
    about: "The longest delay of a timer in the last 15 to 30 seconds.",
  }),
  new Chart({
    title: "Fullest journal",
    lines: [{ value: "journal" }],
    unit: "%",
    isSum: false,
    minScale: 10,
    about: "At 100 %, the oldest notifications are removed before their time.",
  }),
];

function showState(state, text) {
  const shown = byId("state");
  if (shown.dataset.state === state && shown.textContent === text) return;
  shown.dataset.state = state;
  shown.textContent = text;
}

function showHistory(history) {
  byId("nodes").replaceChildren(...nodesTableRows(history)); // first, because the charts read its colours
  for (const chart of charts) chart.show(history);
}

/** A button for something that the key may not do would only lead to a refusal. */
function hideForbidden(scopes) {
  for (const one of document.querySelectorAll("[data-scope]")) {
    one.hidden = !scopes.includes(one.dataset.scope);
  }
}

async function watch() {
  const history = new History();
  for await (const snapshot of readSnapshots({ onState: showState, onScopes: hideForbidden })) {
    history.add(snapshot);
    showHistory(history);
  }
}

/** Why the page asks for another key. */
function reasonOf(error) {
  if (error.status === 401) return "The service no longer accepts this key.";
  if (error.status === 403) return "This key no longer has the scope read.";
  throw error;
}

async function run() {
  for (let reason = "";;) {
    showState("waiting", "Waiting for a key");
    byId("forget").hidden = true;
    await publisherKey(byId("key-form"), { scopes: ["read"], reason });
    byId("forget").hidden = storedKey() === null;
    byId("watching").hidden = false;
    reason = await watch().catch(reasonOf);
    byId("watching").hidden = true;
    forgetKey();
  }
}

byId("nodes-head").append(...nodesTableHead());
byId("charts").append(...charts.map(({ figure }) => figure));
byId("forget").onclick = () => {
  forgetKey();
  location.reload();
};
startTargetPanel();
await run();
