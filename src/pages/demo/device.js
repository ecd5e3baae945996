/** A device on the page: its screen, its switches, and the thread that holds its connection. */

import { byId, element } from "../shared/dom.js";
import { key } from "../shared/server.js";
import { now, took } from "./clock.js";

const MAX_SHOWN = 50;
const STATES = { connecting: "Connecting", open: "Open", waiting: "Waiting", closed: "Closed" };
const OVER = { websocket: "WebSocket", sse: "Server-Sent Events" };

/** Shared memory is for isolated pages only: https or localhost, and a browser that knows it. */
const canStall = globalThis.crossOriginIsolated === true;

export class Device {
  /** What the server calls its connection; null: it has none, or none that is known. */
  connection = null;
  #section = byId("device").content.cloneNode(true).firstElementChild;
  #thread = null;
  #switched = canStall ? new SharedArrayBuffer(4) : null;
  #away = []; // from when to when it could not get anything
  #sentAt;
  #arrived;

  /** @param sentAt when this page sent the notification with an id; undefined: it did not. @param arrived is told */
  constructor({ name, kind, target }, { sentAt, arrived }) {
    Object.assign(this, { name, target });
    this.#sentAt = sentAt;
    this.#arrived = arrived;
    this.#section.classList.add(kind, target);
    this.#section.setAttribute("aria-label", name);
    this.#part("h2").textContent = name;
    this.#part(".target").textContent = target;
    this.#part(".network").onclick = () => this.#isOn(".network") ? this.#cut() : this.#restore();
    this.#part(".stall").onclick = () => this.#isOn(".stall") ? this.#goOn() : this.#stall();
    this.#part(".network").disabled = this.#part(".stall").disabled = true;
    if (!canStall) this.#part(".stall").title = "Only pages on https or localhost can stop a thread.";
    this.#stand({ state: "waiting", reason: "for a publisher key" });
    byId("devices").append(this.#section);
  }

  start() {
    this.#thread = new Worker("/pages/demo/device_thread.js", { type: "module", name: this.name });
    this.#thread.onmessage = ({ data }) => this.#hear(data);
    this.#thread.onerror = (event) => this.#stand({ state: "closed", reason: event.message ?? "" });
    this.#stand({ state: "connecting", reason: "" });
    this.#part(".network").disabled = false;
    this.#part(".stall").disabled = !canStall;
    this.#thread.postMessage({ type: "start", target: this.target, key: key() });
  }

  /** How the server sees it. Undefined: it doesn't, or has not been asked since the device came. */
  seen(behind) {
    if (behind === undefined && this.#part("[data-state]").dataset.state === "open") return;
    const words = {
      true: "behind: the server reads the journal for it",
      false: "live",
      undefined: "not there",
    };
    this.#part(".facts").textContent = `For the server, it is ${words[behind]}.`;
  }

  #hear({ type, ...said }) {
    if (type === "status") this.#stand(said.status);
    if (type === "missed") {
      this.#add(element("li", { class: "lost", textContent: `Some are lost: ${said.why}` }));
    }
    if (type === "notification") this.#take(said);
  }

  #stand({ state, reason, transport = null, connection = null }) {
    const shown = this.#part("[data-state]");
    this.connection = connection;
    shown.dataset.state = state;
    shown.textContent = STATES[state];
    this.#part(".reason").textContent = state === "open" ? `over ${OVER[transport]}` : reason;
  }

  #take({ id, title, body, at, arrivedAt }) {
    const sentAt = this.#sentAt(id) ?? at;
    const wasAway = this.#away.some(({ from, to }) => from <= sentAt && sentAt < (to ?? Infinity));
    const ms = Math.max(0, arrivedAt - sentAt);
    const chip = wasAway
      ? element("span", { class: "late", textContent: `missed, came ${took(ms)} later` })
      : element("span", { textContent: took(ms) });
    const meta = element("span", { class: "meta" }, chip, new Date(at).toLocaleTimeString());
    const item = element("li", {}, element("strong", { textContent: title }));
    if (body !== "") item.append(element("p", { textContent: body }));
    item.append(meta);
    this.#add(item);
    this.#arrived(id, this, ms);
  }

  #add(item) {
    const list = this.#part("ol");
    list.prepend(item);
    if (list.children.length > MAX_SHOWN) list.lastElementChild.remove();
    this.#section.classList.remove("fresh");
    void this.#section.offsetWidth; // or the animation would not start anew
    this.#section.classList.add("fresh");
  }

  #cut() {
    this.#thread?.postMessage({ type: "cut" });
    this.#switch(".network", false);
    this.#leave("No network");
  }

  #restore() {
    this.#thread?.postMessage({ type: "restore" });
    this.#switch(".network", true);
    this.#comeBack();
  }

  #stall() {
    new Int32Array(this.#switched)[0] = 1;
    this.#thread?.postMessage({ type: "stall", switched: this.#switched });
    this.#switch(".stall", true);
    this.#leave("Stalled");
  }

  #goOn() {
    const view = new Int32Array(this.#switched);
    Atomics.store(view, 0, 0);
    Atomics.notify(view, 0);
    this.#switch(".stall", false);
    this.#comeBack();
  }

  #leave(why) {
    if (this.#section.dataset.away === undefined) this.#away.push({ from: now() });
    this.#section.dataset.away = why;
    this.#part(".veil").textContent = why;
  }

  #comeBack() {
    const stays = !this.#isOn(".network") ? "No network" : this.#isOn(".stall") ? "Stalled" : undefined;
    if (stays !== undefined) return this.#leave(stays);
    delete this.#section.dataset.away;
    this.#part(".veil").textContent = "";
    this.#away.at(-1).to = now();
  }

  #isOn(name) {
    return this.#part(name).getAttribute("aria-checked") === "true";
  }

  #switch(name, isOn) {
    this.#part(name).setAttribute("aria-checked", String(isOn));
  }

  #part(selector) {
    return this.#section.querySelector(selector);
  }
}
