/** A device on the page: its screen, its switches, and the worker that holds its connection. */

import { byId, element } from "../shared/dom.js";
import { storedKey } from "../shared/server.js";
import { formatDuration, now } from "./clock.js";
import { RemoteInbox } from "./remote_inbox.js";

const BELL_SDK = "../../bell.js"; // no file of this folder
const MAX_SHOWN = 50;
const SWITCHES = [".network", ".stall", ".tab"];
const STATES = { connecting: "Connecting", open: "Open", waiting: "Waiting", closed: "Closed" };
const TRANSPORTS = { websocket: "WebSocket", sse: "Server-Sent Events" };

import(BELL_SDK); // the bells that are there by then take what they were given

/** Stalling needs shared memory, which browsers give only to isolated pages on https or localhost. */
const canStall = globalThis.crossOriginIsolated === true;

export class Device {
  /** The id of its connection, or null while it has none. */
  connection = null;
  #section = byId("device").content.cloneNode(true).firstElementChild;
  #worker = null;
  #stallFlag = canStall ? new SharedArrayBuffer(4) : null;
  #inbox = new RemoteInbox((method, items) => this.#worker?.postMessage({ type: "inbox", method, items }));
  #position = null; // of the newest notification; the next tab resumes after it
  #interruptions = []; // the periods in which it could not receive anything
  #sentAt;
  #onArrival;

  /**
   * @param sentAt returns when this page sent the notification with an id, or undefined if it did not send it
   * @param onArrival called with the id, the device and the latency in milliseconds
   */
  constructor({ name, kind, target }, { sentAt, onArrival }) {
    Object.assign(this, { name, target });
    this.#sentAt = sentAt;
    this.#onArrival = onArrival;
    this.#section.classList.add(kind, target);
    this.#section.setAttribute("aria-label", name);
    this.#part("h2").textContent = name;
    this.#part(".target").textContent = target;
    this.#part("tidings-inbox").inbox = this.#inbox;
    this.#part(".network").onclick = () => this.#isOn(".network") ? this.#cut() : this.#restore();
    this.#part(".stall").onclick = () => this.#isOn(".stall") ? this.#resume() : this.#stall();
    this.#part(".tab").onclick = () => this.#isOn(".tab") ? this.#close() : this.#reopen();
    for (const name of SWITCHES) this.#part(name).disabled = true;
    if (!canStall) this.#part(".stall").title = "Only a page on https or localhost can stall a worker.";
    this.#showStatus({ state: "waiting", reason: "for a publisher key" });
    byId("devices").append(this.#section);
  }

  start() {
    this.#worker = new Worker(new URL("./device_worker.js", import.meta.url), {
      type: "module",
      name: this.name,
    });
    this.#worker.onmessage = ({ data }) => this.#receive(data);
    this.#worker.onerror = (event) => this.#showStatus({ state: "closed", reason: event.message ?? "" });
    this.#showStatus({ state: "connecting", reason: "" });
    this.#part(".network").disabled = this.#part(".tab").disabled = false;
    this.#part(".stall").disabled = !canStall;
    this.#worker.postMessage({ type: "start", target: this.target, key: storedKey(), after: this.#position });
  }

  /** @param isBehind as the service reports it; undefined if the service does not list the connection */
  showServerState(isBehind) {
    // A connection that has just opened is not in a list that the page requested before.
    if (isBehind === undefined && this.#part("[data-state]").dataset.state === "open") return;
    const states = {
      true: "behind, catching up from the journal",
      false: "live",
      undefined: "not connected",
    };
    this.#part(".server-state").textContent = `On the server: ${states[isBehind]}`;
  }

  #receive({ type, ...message }) {
    if (type === "status") this.#showStatus(message.status);
    if (type === "missed") {
      const textContent = `Some notifications are lost: ${message.why}`;
      this.#add(element("li", { class: "lost", textContent }));
    }
    if (type === "inbox") this.#inbox.update(message.inbox);
    if (type === "notification") this.#showNotification(message);
  }

  #showStatus({ state, reason, transport = null, connection = null }) {
    const shown = this.#part("[data-state]");
    this.connection = connection;
    shown.dataset.state = state;
    shown.textContent = STATES[state];
    this.#part(".reason").textContent = state === "open" ? `over ${TRANSPORTS[transport]}` : reason;
  }

  #showNotification({ id, position, title, body, at, arrivedAt }) {
    this.#position = position;
    const sentAt = this.#sentAt(id) ?? at;
    const isLate = this.#interruptions.some(({ from, to }) => from <= sentAt && sentAt < (to ?? Infinity));
    const ms = Math.max(0, arrivedAt - sentAt);
    const latency = isLate
      ? element("span", { class: "late", textContent: `replayed after ${formatDuration(ms)}` })
      : element("span", { textContent: formatDuration(ms) });
    const meta = element("span", { class: "meta" }, latency, new Date(at).toLocaleTimeString());
    const item = element("li", {}, element("strong", { textContent: title }));
    if (body !== "") item.append(element("p", { textContent: body }));
    item.append(meta);
    this.#add(item);
    this.#onArrival(id, this, ms);
  }

  #add(item) {
    const list = this.#part("ol");
    list.prepend(item);
    if (list.children.length > MAX_SHOWN) list.lastElementChild.remove();
    this.#section.classList.remove("fresh");
    void this.#section.offsetWidth; // restarts the animation, because reading it forces a layout
    this.#section.classList.add("fresh");
  }

  #cut() {
    this.#worker?.postMessage({ type: "cut" });
    this.#switch(".network", false);
    this.#beginInterruption("No network");
  }

  #restore() {
    this.#worker?.postMessage({ type: "restore" });
    this.#switch(".network", true);
    this.#endInterruption();
  }

  #stall() {
    new Int32Array(this.#stallFlag)[0] = 1;
    this.#worker?.postMessage({ type: "stall", flag: this.#stallFlag });
    this.#switch(".stall", true);
    this.#beginInterruption("Stalled");
  }

  #resume() {
    const view = new Int32Array(this.#stallFlag);
    Atomics.store(view, 0, 0);
    Atomics.notify(view, 0);
    this.#switch(".stall", false);
    this.#endInterruption();
  }

  /** Ends the worker as a browser ends a page. The next one begins with a network and without a stall. */
  #close() {
    this.#worker.terminate();
    if (this.#isOn(".stall")) this.#resume();
    this.#switch(".network", true);
    this.#switch(".tab", false);
    this.#part(".network").disabled = this.#part(".stall").disabled = true;
    this.#showStatus({ state: "closed", reason: "" });
    this.#beginInterruption("Closed");
  }

  #reopen() {
    this.#switch(".tab", true);
    this.#endInterruption();
    this.start();
  }

  #beginInterruption(reason) {
    if (this.#section.dataset.interrupted === undefined) this.#interruptions.push({ from: now() });
    this.#section.dataset.interrupted = reason;
    this.#part(".overlay").textContent = reason;
  }

  /** A device with its network cut that is stalled as well stays interrupted until both have ended. */
  #endInterruption() {
    const other = !this.#isOn(".network") ? "No network" : this.#isOn(".stall") ? "Stalled" : undefined;
    if (other !== undefined) return this.#beginInterruption(other);
    delete this.#section.dataset.interrupted;
    this.#part(".overlay").textContent = "";
    this.#interruptions.at(-1).to = now();
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
