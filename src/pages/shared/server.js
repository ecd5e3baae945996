/** What the pages ask the service, with the publisher's key if one is needed, and why it may have refused. */

export { needsKey } from "../mode.js";

const KEY = "tidings-publisher-key";

/** What the server had against a request, as it says it (RFC 9457). */
export class Refusal extends Error {
  constructor({ status = 0, title = "", detail = "" }) {
    super(`${status || ""} ${title}${detail && `: ${detail}`}`.trim());
    this.status = status;
  }
}

/** In the storage of this tab, which ends with it: a reload needs it, and no other tab does. Null: none was given. */
export function key() {
  return sessionStorage.getItem(KEY);
}

/** @param {string | null} given */
export function keep(given) {
  if (given === null) sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, given);
}

/** @param {string | null} bearer */
function headersWith(bearer) {
  return bearer === null ? {} : { authorization: `Bearer ${bearer}` };
}

/** Rejects with a Refusal unless the answer is a good one. */
export async function respond(path, { bearer = key(), ...options } = {}) {
  const response = await fetch(path, { ...options, headers: headersWith(bearer) }).catch((error) => {
    if (error.name === "AbortError") throw error;
    throw new Refusal({ title: "The server cannot be reached" });
  });
  if (response.ok) return response;
  const problem = await response.json().catch(() => null); // a proxy may answer with HTML
  throw new Refusal({ title: response.statusText, ...problem, status: response.status });
}

/** The JSON of the answer. With a body, it is posted. */
export async function ask(path, { body, method = body === undefined ? "GET" : "POST", ...options } = {}) {
  const json = body === undefined ? {} : { body: JSON.stringify(body) };
  return await (await respond(path, { ...options, ...json, method })).json();
}

/** True if what publishers may do can be done now: with the key that is kept, or without one in development. */
export async function isPublisher(bearer = key()) {
  try {
    await ask("/v1/targets/nobody", { bearer });
    return true;
  } catch (refusal) {
    if (refusal.status === 401) return false;
    throw refusal;
  }
}
