/** The console: asks for a key if one is needed, and then shows what the service tells, look by look. */

import { byId } from "../shared/dom.js";
import { publisherKey } from "../shared/key_form.js";
import { keep, key } from "../shared/server.js";
import { Chart } from "./chart.js";
import { History } from "./history.js";
import { headOfNodes, rowsOfNodes } from "./nodes_table.js";
import { sights } from "./snapshots.js";
import { startTargetPanel } from "./target_panel.js";

const charts = [
  new Chart({
    title: "Connections",
    lines: [{ value: "connections" }],
    unit: "",
    sum: true,
    isExact: true,
    least: 5,
    about: "Open tabs and devices, of all nodes together.",
  }),
  new Chart({
    title: "Notifications accepted",
    lines: [{ value: "accepted" }],
    unit: "a second",
    sum: true,
    about: "Each counts once for each of its targets.",
  }),
  new Chart({
    title: "Deliveries",
    lines: [{ value: "delivered" }],
    unit: "a second",
    sum: true,
    about: "Each counts once for each connection that it was handed to.",
  }),
  new Chart({
    title: "Latency, p50 and p99",
    lines: [{ value: "p50", dashed: true }, { value: "p99" }],
    unit: "ms",
    sum: false,
    least: 5,
    about: "From being accepted to being handed to the socket; p50 is dashed.",
  }),
  new Chart({
    title: "Fullest outbox",
    lines: [{ value: "outbox" }],
    unit: "%",
    sum: false,
    least: 10,
    about: "At 100 % the connection falls behind, and reads the journal.",
  }),
  new Chart({
    title: "Slow consumers, a second and now",
    lines: [{ value: "slow" }, { value: "behind", dashed: true }],
    unit: "",
    sum: true,
    isExact: true,
    least: 2,
    about: "A second: fell behind, or given up with 4200. Dashed: behind now.",
  }),
];

function tell(state, words) {
  const shown = byId("state");
  if (shown.dataset.state === state && shown.textContent === words) return;
  shown.dataset.state = state;
  shown.textContent = words;
}

function show(history) {
  byId("nodes").replaceChildren(...rowsOfNodes(history)); // first: the charts take its colours
  for (const chart of charts) chart.show(history);
}

async function watch() {
  const history = new History();
  for await (const sight of sights(tell)) {
    history.add(sight);
    show(history);
  }
}

async function run() {
  for (let why = "";;) {
    tell("waiting", "Waiting for a key");
    byId("forget").hidden = true;
    await publisherKey(byId("key-form"), why);
    byId("forget").hidden = key() === null;
    byId("watching").hidden = false;
    await watch().catch((refusal) => {
      if (refusal.status !== 401) throw refusal;
    });
    why = "The service does not know this key any more.";
    byId("watching").hidden = true;
    keep(null);
  }
}

byId("nodes-head").append(...headOfNodes());
byId("charts").append(...charts.map(({ figure }) => figure));
byId("forget").onclick = () => {
  keep(null);
  location.reload();
};
startTargetPanel();
await run();
