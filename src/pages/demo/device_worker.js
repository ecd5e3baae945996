/** A device as a worker: it connects through the SDK, and takes commands from the page. */

import { baseUrl } from "../shared/server.js";
import { Network } from "./network.js";

const SDK = "../../client.js";
const INBOX_SDK = "../../inbox.js";
const network = new Network();
let deviceInbox; // of the user, as this device knows it

/** Handlers of the page's messages, by their type. */
const commands = {
  async start({ target, key, after }) {
    network.install();
    const [{ connect }, { inbox }] = await Promise.all([import(SDK), import(INBOX_SDK)]);
    const options = key === null ? {} : { token: () => fetchToken(target, key) };
    const tidings = connect(baseUrl, { ...options, target, after, reviver: keepDigits });
    tidings.addEventListener("state", ({ detail }) => postMessage({ type: "status", status: detail }));
    tidings.addEventListener("missed", ({ detail }) => postMessage({ type: "missed", why: detail.why }));
    tidings.addEventListener("notification", ({ detail: { id, position, at, data } }) => {
      const arrivedAt = performance.timeOrigin + performance.now();
      postMessage({ type: "notification", id, position, at: Date.parse(at), arrivedAt, ...displayOf(data) });
    });
    deviceInbox = inbox(tidings);
    deviceInbox.addEventListener(
      "change",
      () => postMessage({ type: "inbox", inbox: snapshotOf(deviceInbox) }),
    );
  },

  /** Calls a method of the inbox. The bell has nothing to show if older notifications cannot be loaded. */
  async inbox({ method, items }) {
    await deviceInbox?.[method](...items)?.catch(() => {});
  },

  cut() {
    network.cut();
  },

  restore() {
    network.restore();
  },

  /**
   * Blocks this thread, so that it reads nothing from its connection until the page writes 0 and wakes it.
   */
  stall({ flag }) {
    Atomics.wait(new Int32Array(flag), 0, 1);
  },
};

onmessage = async ({ data }) => {
  try {
    await commands[data.type](data);
  } catch (error) {
    postMessage({ type: "status", status: { state: "closed", reason: error.message } });
  }
};

async function fetchToken(target, key) {
  const response = await fetch(`${baseUrl}/v1/tokens`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}` },
    body: JSON.stringify({ target }),
  });
  if (!response.ok) throw new Error(`no token: ${response.status}`);
  return (await response.json()).token;
}

/** Keeps all digits of a number that a double cannot hold, in browsers that have `JSON.rawJSON`. */
function keepDigits(_key, value, { source } = {}) {
  const isRounded = typeof value === "number" && source !== undefined && String(value) !== source;
  return isRounded && JSON.rawJSON !== undefined ? JSON.rawJSON(source) : value;
}

const displays = new WeakMap(); // by item, because data may be large

/** Returns what the bell shows: it needs no more of the data than its title and its body. */
function snapshotOf({ items, unread, more, state }) {
  return { items: items.map(shortened), unread, more, state };
}

function shortened(item) {
  const short = displays.get(item) ?? { ...item, data: displayOf(item.data) };
  displays.set(item, short);
  return short;
}

/** Returns the title and the body of the data; data without a title is shown as JSON. */
function displayOf(data) {
  if (typeof data?.title !== "string") return { title: JSON.stringify(data).slice(0, 1_000), body: "" };
  return { title: data.title, body: typeof data.body === "string" ? data.body : "" };
}
