/** The demo page: it simulates the devices of two people, each device with its own connection. */

import clock from "./demo/clock.js" with { type: "text" };
import style from "./demo/demo.css" with { type: "text" };
import page from "./demo/demo.html" with { type: "text" };
import script from "./demo/demo.js" with { type: "text" };
import deviceStyle from "./demo/device.css" with { type: "text" };
import device from "./demo/device.js" with { type: "text" };
import deviceWorker from "./demo/device_worker.js" with { type: "text" };
import network from "./demo/network.js" with { type: "text" };
import pushCard from "./demo/push_card.js" with { type: "text" };
import pushServiceWorker from "./demo/push_service_worker.js" with { type: "text" };
import remoteInbox from "./demo/remote_inbox.js" with { type: "text" };
import sendForm from "./demo/send_form.js" with { type: "text" };
import { file, type Site } from "./site.ts";

export const DEMO_SITE: Site = {
  "/": file("html", page),
  "/pages/demo/clock.js": file("js", clock),
  "/pages/demo/demo.css": file("css", style),
  "/pages/demo/demo.js": file("js", script),
  "/pages/demo/device.css": file("css", deviceStyle),
  "/pages/demo/device.js": file("js", device),
  "/pages/demo/device_worker.js": file("js", deviceWorker),
  "/pages/demo/network.js": file("js", network),
  "/pages/demo/push_card.js": file("js", pushCard),
  "/pages/demo/push_service_worker.js": file("js", pushServiceWorker),
  "/pages/demo/remote_inbox.js": file("js", remoteInbox),
  "/pages/demo/send_form.js": file("js", sendForm),
};
