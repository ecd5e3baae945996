/** The card that makes this browser one more device of Alexander's, by Web Push. */

import { byId } from "../shared/dom.js";
import { baseUrl, needsKey, requestJson } from "../shared/server.js";

const SDK = "../../client.js", PUSH_SDK = "../../push.js"; // no files of this folder
const TARGET = "alexander";
const OPTIONS = { serviceWorker: new URL("./push_service_worker.js", import.meta.url) };
const TEXTS = {
  unsupported: "This browser has no Web Push.",
  denied: "This browser does not allow it. Its settings for this site can change that.",
  off: "",
  on: "This browser is a device of Alexander’s.",
};

/** They are loaded before a click, because a browser asks its user only directly after one. */
const modules = Promise.all([import(SDK), import(PUSH_SDK)]);

export class PushCard {
  #switch = byId("push-switch");

  constructor() {
    this.#switch.onclick = () => this.#run(this.#isOn ? "disablePush" : "enablePush");
  }

  /** Keeps push on, if it is on: a service in development mode has another key after each start. */
  async start() {
    const [, { pushState }] = await modules;
    const state = await pushState(OPTIONS).catch(() => "unsupported");
    if (state === "on") await this.#run("resumePush");
    else this.#show(state);
  }

  get #isOn() {
    return this.#switch.getAttribute("aria-checked") === "true";
  }

  /**
   * The connection is closed at once, so that this browser is like a phone without an open tab: an open one would keep
   * the worker from showing what it has received.
   */
  async #run(name) {
    const [{ connect }, push] = await modules;
    const token = () => requestJson("/v1/tokens", { body: { target: TARGET } }).then(({ token }) => token);
    const tidings = connect(baseUrl, { target: TARGET, ack: "manual", ...(needsKey && { token }) });
    try {
      await push[name](tidings, OPTIONS);
      this.#show(await push.pushState(OPTIONS));
    } catch (error) {
      this.#show("off", error.message);
    } finally {
      void tidings.close();
    }
  }

  #show(state, text = TEXTS[state]) {
    this.#switch.setAttribute("aria-checked", String(state === "on"));
    this.#switch.disabled = state === "unsupported";
    byId("push-state").textContent = text;
  }
}
