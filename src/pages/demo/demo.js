/** The demo page: four devices of two targets, each with a connection of its own, and a form that sends to them. */

import { byId, pause } from "../shared/dom.js";
import { publisherKey } from "../shared/key_form.js";
import { ask } from "../shared/server.js";
import { Device } from "./device.js";
import { Sending } from "./sending.js";

const LOOK_EVERY_MS = 1_000;

const sending = new Sending(() => devices);
const told = {
  sentAt: (id) => sending.sentAt(id),
  arrived: (id, device, ms) => sending.arrived(id, device, ms),
};
const devices = [
  { name: "Alexander’s laptop", kind: "laptop", target: "alexander" },
  { name: "Alexander’s tablet", kind: "tablet", target: "alexander" },
  { name: "Alexander’s desktop", kind: "desktop", target: "alexander" },
  { name: "Burr’s laptop", kind: "laptop", target: "burr" },
].map((one) => new Device(one, told));

/** Asks the server how it sees the devices, for as long as somebody looks at the page. */
async function look() {
  const answers = await Promise.all(["alexander", "burr"].map((target) => ask(`/v1/targets/${target}`)));
  const behind = new Map(
    answers.flatMap(({ connections }) => connections.map((one) => [one.id, one.behind])),
  );
  for (const device of devices) device.seen(behind.get(device.connection));
}

await publisherKey(byId("key-form"));
for (const device of devices) device.start();
for (;;) {
  if (!document.hidden) await look().catch(() => devices.forEach((device) => device.seen(undefined)));
  await pause(LOOK_EVERY_MS);
}
