/** The form that sends notifications, and shows the curl command and each device's latency. */

import { byId, element } from "../shared/dom.js";
import { baseUrl, needsKey, requestJson } from "../shared/server.js";
import { formatDuration, now } from "./clock.js";

const FLOOD = { requests: 10, notifications: 30, characters: 33_000 }; // 10 MB
const MAX_REMEMBERED = 1_000;
const PUSH_AFTER_S = 3; // as the page says
const RECIPIENTS = {
  alexander: { target: "alexander" },
  burr: { target: "burr" },
  both: { targets: ["alexander", "burr"] },
  everyone: { everyone: true },
};

export class SendForm {
  #devices;
  #sentTimes = new Map(); // by notification id
  #latestId = ""; // of the notification whose arrivals the form shows

  /** @param devices returns all devices of the page */
  constructor(devices) {
    this.#devices = devices;
    byId("send").onsubmit = (event) => {
      event.preventDefault();
      this.#report(() => this.#send());
    };
    byId("send").oninput = () => {
      byId("push").disabled = recipient() === "everyone"; // "everyone" names no one whose browsers could be sent to
      showCommand();
    };
    byId("flood").onclick = () => this.#report(() => this.#flood());
    byId("copy").onclick = copyCommand;
    showCommand();
  }

  /** Returns when this page sent a notification, or undefined if it did not send it. */
  sentAt(id) {
    return this.#sentTimes.get(id);
  }

  showArrival(id, { name }, ms) {
    if (id !== this.#latestId) return;
    const item = [...byId("arrivals").children].find(({ dataset }) => dataset.device === name);
    if (item === undefined) return;
    item.className = "";
    item.textContent = `${name}: ${formatDuration(ms)}`;
  }

  async #send() {
    const id = this.#remember(newId());
    this.#expectArrivals(id);
    const { notifications = [], position = notifications[0]?.position } = await requestJson("/v1/notify", {
      body: { ...notification(), id },
    });
    return `202 Accepted, at position ${position}`;
  }

  async #flood() {
    const filler = "x".repeat(FLOOD.characters), total = FLOOD.requests * FLOOD.notifications;
    byId("arrivals").hidden = true;
    for (let sent = 0; sent < total; sent += FLOOD.notifications) {
      const body = Array.from({ length: FLOOD.notifications }, (_, index) => ({
        ...RECIPIENTS[recipient()],
        id: this.#remember(newId()),
        data: { title: `Large notification ${sent + index + 1} of ${total}`, filler },
      }));
      await requestJson("/v1/notify", { body });
      byId("answer").textContent = `${sent + body.length} of ${total} accepted`;
    }
    return `${total} of ${total} accepted`;
  }

  #remember(id) {
    this.#sentTimes.set(id, now());
    if (this.#sentTimes.size > MAX_REMEMBERED) this.#sentTimes.delete(this.#sentTimes.keys().next().value);
    return id;
  }

  #expectArrivals(id) {
    const { target, targets = [target], everyone = false } = RECIPIENTS[recipient()];
    const expected = this.#devices().filter((device) => everyone || targets.includes(device.target));
    this.#latestId = id;
    byId("arrivals").hidden = false;
    byId("arrivals").replaceChildren(
      ...expected.map(({ name }) =>
        element("li", { class: "pending", "data-device": name, textContent: `${name}: …` })
      ),
    );
  }

  async #report(action) {
    const answer = byId("answer");
    try {
      answer.textContent = await action();
      answer.className = "small success";
    } catch (error) {
      answer.textContent = error.message;
      answer.className = "small danger";
    }
  }
}

function recipient() {
  return document.querySelector("[name=to]:checked").value;
}

function notification() {
  const [title, body] = ["title", "body"].map((id) => byId(id).value);
  const { checked, disabled } = byId("push");
  const push = checked && !disabled ? { push: { after: PUSH_AFTER_S } } : {};
  return { ...RECIPIENTS[recipient()], ...push, data: body === "" ? { title } : { title, body } };
}

/** Returns 128 random bits in hex. `crypto.randomUUID` exists only in secure contexts. */
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Shows the curl command. A shell changes nothing within single quotes. The reader fills in the key. */
function showCommand() {
  byId("copy").textContent = "Copy";
  const json = JSON.stringify(notification()).replaceAll("'", String.raw`'\''`);
  const header = needsKey ? '-H "Authorization: Bearer $KEY" ' : "";
  byId("curl").textContent = `curl ${header}-d '${json}' ${baseUrl}/v1/notify`;
}

/** Copies the command, or only selects it: a page has a clipboard only on https and on localhost. */
async function copyCommand({ target: button }) {
  getSelection().selectAllChildren(byId("curl"));
  if (navigator.clipboard === undefined) return;
  await navigator.clipboard.writeText(byId("curl").textContent);
  button.textContent = "Copied";
}
