/** What is sent: the form, the same as a line for a shell, and how long it took to each device. */

import { byId, element } from "../shared/dom.js";
import { ask, needsKey } from "../shared/server.js";
import { now, took } from "./clock.js";

const FLOOD = { requests: 10, notifications: 30, characters: 33_000 }; // 10 MB
const MAX_REMEMBERED = 1_000;
const TO = {
  alexander: { target: "alexander" },
  burr: { target: "burr" },
  both: { targets: ["alexander", "burr"] },
  everyone: { everyone: true },
};

export class Sending {
  #devices;
  #times = new Map(); // by id
  #shown = ""; // the id whose arrivals are shown

  /** @param devices gives those that there are */
  constructor(devices) {
    this.#devices = devices;
    byId("send").onsubmit = (event) => {
      event.preventDefault();
      this.#say(() => this.#send());
    };
    byId("send").oninput = showLine;
    byId("flood").onclick = () => this.#say(() => this.#flood());
    byId("copy").onclick = copyLine;
    showLine();
  }

  /** When this page sent it. */
  sentAt(id) {
    return this.#times.get(id);
  }

  /** It took so long to a device. */
  arrived(id, { name }, ms) {
    if (id !== this.#shown) return;
    const item = [...byId("arrivals").children].find(({ dataset }) => dataset.device === name);
    if (item === undefined) return;
    item.className = "";
    item.textContent = `${name}: ${took(ms)}`;
  }

  async #send() {
    const id = this.#remember(newId());
    this.#expect(id);
    const { notifications = [], position = notifications[0]?.position } = await ask("/v1/notify", {
      body: { ...notification(), id },
    });
    return `202 Accepted, at position ${position}`;
  }

  async #flood() {
    const filler = "x".repeat(FLOOD.characters), all = FLOOD.requests * FLOOD.notifications;
    byId("arrivals").hidden = true;
    for (let sent = 0; sent < all; sent += FLOOD.notifications) {
      const body = Array.from({ length: FLOOD.notifications }, (_, index) => ({
        ...TO[chosen()],
        id: this.#remember(newId()),
        data: { title: `Large one ${sent + index + 1} of ${all}`, filler },
      }));
      await ask("/v1/notify", { body });
      byId("answer").textContent = `${sent + body.length} of ${all} accepted`;
    }
    return `${all} of ${all} accepted`;
  }

  #remember(id) {
    this.#times.set(id, now());
    if (this.#times.size > MAX_REMEMBERED) this.#times.delete(this.#times.keys().next().value);
    return id;
  }

  #expect(id) {
    const { target, targets = [target], everyone = false } = TO[chosen()];
    const expected = this.#devices().filter((device) => everyone || targets.includes(device.target));
    this.#shown = id;
    byId("arrivals").hidden = false;
    byId("arrivals").replaceChildren(
      ...expected.map(({ name }) =>
        element("li", { class: "waits", "data-device": name, textContent: `${name}: …` })
      ),
    );
  }

  async #say(action) {
    const answer = byId("answer");
    try {
      answer.textContent = await action();
      answer.className = "small good";
    } catch (refusal) {
      answer.textContent = refusal.message;
      answer.className = "small bad";
    }
  }
}

function chosen() {
  return document.querySelector("[name=to]:checked").value;
}

function notification() {
  const [title, body] = ["title", "body"].map((id) => byId(id).value);
  return { ...TO[chosen()], data: body === "" ? { title } : { title, body } };
}

/** Not randomUUID, which only secure contexts have. */
function newId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}

/** In single quotes, a shell leaves everything as it is. The key is for the reader to fill in. */
function showLine() {
  byId("copy").textContent = "Copy";
  const json = JSON.stringify(notification()).replaceAll("'", String.raw`'\''`);
  const header = needsKey ? '-H "Authorization: Bearer $KEY" ' : "";
  byId("curl").textContent = `curl ${header}-d '${json}' ${location.origin}/v1/notify`;
}

/** A page has a clipboard only on https and on localhost: elsewhere the line is only selected. */
async function copyLine({ target: button }) {
  getSelection().selectAllChildren(byId("curl"));
  if (navigator.clipboard === undefined) return;
  await navigator.clipboard.writeText(byId("curl").textContent);
  button.textContent = "Copied";
}
