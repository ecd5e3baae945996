/** The demo page: four devices of two targets, and a form that sends to them. */

import { byId, delay } from "../shared/dom.js";
import { publisherKey } from "../shared/key_form.js";
import { requestJson } from "../shared/server.js";
import { Device } from "./device.js";
import { PushCard } from "./push_card.js";
import { SendForm } from "./send_form.js";

const POLL_INTERVAL_MS = 1_000;

const sendForm = new SendForm(() => devices);
const callbacks = {
  sentAt: (id) => sendForm.sentAt(id),
  onArrival: (id, device, ms) => sendForm.showArrival(id, device, ms),
};
const devices = [
  { name: "Alexander’s laptop", kind: "laptop", target: "alexander" },
  { name: "Alexander’s tablet", kind: "tablet", target: "alexander" },
  { name: "Alexander’s desktop", kind: "desktop", target: "alexander" },
  { name: "Burr’s laptop", kind: "laptop", target: "burr" },
].map((options) => new Device(options, callbacks));

/** Reads how the service sees each device. */
async function pollServer() {
  const targets = await Promise.all(
    ["alexander", "burr"].map((target) => requestJson(`/v1/targets/${target}`)),
  );
  const connections = targets.flatMap(({ connections }) => connections);
  const behind = new Map(connections.map((connection) => [connection.id, connection.behind]));
  for (const device of devices) device.showServerState(behind.get(device.connection));
}

await publisherKey(byId("key-form"), { scopes: ["publish", "tokens", "read"] });
for (const device of devices) device.start();
void new PushCard().start();
for (;;) {
  if (!document.hidden) {
    await pollServer().catch(() => devices.forEach((device) => device.showServerState(undefined)));
  }
  await delay(POLL_INTERVAL_MS);
}
