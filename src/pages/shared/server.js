/** Requests to the service: they carry the publisher key if there is one, and a refusal rejects. */

export { needsKey } from "../mode.js";

/**
 * The URL of the service, without a slash at the end. It is that of this file without the file's path, because a proxy
 * may put a path in front of the service.
 */
export const baseUrl = new URL("../..", import.meta.url).href.replace(/\/$/, "");

/** Each service has a key of its own, although several may be behind paths of one host. */
const STORAGE_KEY = `tidings-publisher-key ${baseUrl}`;

/** A request that failed, with the problem details of the response (RFC 9457) as its message. */
export class RequestError extends Error {
  constructor({ type = "", status = 0, title = "", detail = "" }) {
    super(`${status || ""} ${title}${detail && `: ${detail}`}`.trim());
    this.status = status;
    this.type = type;
  }
}

/**
 * Returns the key from the storage of this tab, or null. The key survives a reload, and no other tab can read
 * it.
 */
export function storedKey() {
  return sessionStorage.getItem(STORAGE_KEY);
}

export function storeKey(key) {
  sessionStorage.setItem(STORAGE_KEY, key);
}

export function forgetKey() {
  sessionStorage.removeItem(STORAGE_KEY);
}

/** Sends a request to a path of the service, from `/` on. Rejects with a `RequestError` unless the status is in the 200s. */
export async function request(path, { key = storedKey(), ...options } = {}) {
  const headers = key === null ? {} : { authorization: `Bearer ${key}` };
  const response = await fetch(baseUrl + path, { ...options, headers }).catch((error) => {
    if (error.name === "AbortError") throw error;
    throw new RequestError({ title: "The server cannot be reached" });
  });
  if (response.ok) return response;
  const problem = await response.json().catch(() => null); // a proxy may answer with HTML
  throw new RequestError({ title: response.statusText, ...problem, status: response.status });
}

/** Resolves with the JSON of the response. A request with a body is a POST. */
export async function requestJson(
  path,
  { body, method = body === undefined ? "GET" : "POST", ...options } = {},
) {
  const json = body === undefined ? {} : { body: JSON.stringify(body) };
  return await (await request(path, { ...options, ...json, method })).json();
}

/** Resolves with what the key may do, or with null if the service does not accept it. */
export async function scopesOf(key) {
  try {
    return (await requestJson("/v1/key", { key })).scopes;
  } catch (error) {
    if (error.status === 401) return null;
    throw error;
  }
}
