/** A device: a thread of its own, with a connection of its own through the SDK. It is told what happens to it. */

import { Network } from "./network.js";

const SDK = "/client.js";
const network = new Network();

/** By what the page sends. */
const orders = {
  async start({ target, key }) {
    network.install();
    const { connect } = await import(SDK);
    const options = key === null ? { target } : { target, token: () => freshToken(target, key) };
    const tidings = connect(location.origin, { ...options, reviver: asPublished });
    tidings.addEventListener("state", ({ detail }) => postMessage({ type: "status", status: detail }));
    tidings.addEventListener("missed", ({ detail }) => postMessage({ type: "missed", why: detail.why }));
    tidings.addEventListener("notification", ({ detail: { id, at, data } }) => {
      const arrivedAt = performance.timeOrigin + performance.now();
      postMessage({ type: "notification", id, at: Date.parse(at), arrivedAt, ...shownOf(data) });
    });
  },

  cut() {
    network.cut();
  },

  restore() {
    network.restore();
  },

  /** Stands still, really: until somebody else writes 0 and wakes it, this thread reads nothing from any line. */
  stall({ switched }) {
    Atomics.wait(new Int32Array(switched), 0, 1);
  },
};

onmessage = async ({ data }) => {
  try {
    await orders[data.type](data);
  } catch (error) {
    postMessage({ type: "status", status: { state: "closed", reason: error.message } });
  }
};

async function freshToken(target, key) {
  const response = await fetch("/v1/tokens", {
    method: "POST",
    headers: { authorization: `Bearer ${key}` },
    body: JSON.stringify({ target }),
  });
  if (!response.ok) throw new Error(`no token: ${response.status}`);
  return (await response.json()).token;
}

/** Keeps a number's digits, where the browser can. */
function asPublished(_key, value, { source } = {}) {
  const isOther = typeof value === "number" && source !== undefined && String(value) !== source;
  return isOther && JSON.rawJSON !== undefined ? JSON.rawJSON(source) : value;
}

/** What is shown of it: title and body, or all of it as JSON. */
function shownOf(data) {
  if (typeof data?.title !== "string") return { title: JSON.stringify(data).slice(0, 1_000), body: "" };
  return { title: data.title, body: typeof data.body === "string" ? data.body : "" };
}
