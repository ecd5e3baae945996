/** Snapshots of all nodes, read from the service's event stream. */

import { delay } from "../shared/dom.js";
import { request, requestJson } from "../shared/server.js";

const MIN_WAIT_MS = 1_000; // plus up to as much again at random
// The service sends every second, and a network that fails may not close the connection.
const MAX_IDLE_MS = 10_000;

/**
 * Yields snapshots, and reconnects whenever the stream ends. Throws once the service no longer accepts the
 * key, or the key may not read any more. It uses fetch, because EventSource cannot send a key.
 *
 * @param onScopes called with what the key may do, before the first snapshot of each stream
 */
export async function* readSnapshots({ onState, onScopes }) {
  for (;;) {
    const idle = new IdleTimeout();
    try {
      onState("connecting", "Connecting");
      onScopes((await requestJson("/v1/key", { signal: idle.signal })).scopes);
      const { body } = await request("/console/events", { signal: idle.signal });
      for await (const event of eventsIn(body)) {
        idle.restart();
        onState("open", "Live");
        yield JSON.parse(event);
      }
      onState("waiting", "The stream ended. Reconnecting…");
    } catch (error) {
      if (isRefusedKey(error)) throw error;
      onState("waiting", `${error.message}. Reconnecting…`);
    } finally {
      idle.stop();
    }
    await delay(MIN_WAIT_MS * (1 + Math.random()));
  }
}

/** Not every 403 is about the key: a proxy, or development mode, may refuse where a request is from. */
function isRefusedKey({ status, type = "" }) {
  return status === 401 || type.endsWith(":missing-scope");
}

/** Aborts its signal when nothing has arrived for too long. */
class IdleTimeout {
  #abort = new AbortController();
  #timer;

  constructor() {
    this.restart();
  }

  get signal() {
    return this.#abort.signal;
  }

  restart() {
    clearTimeout(this.#timer);
    const error = new Error(`Nothing arrived for ${MAX_IDLE_MS / 1000} seconds`);
    this.#timer = setTimeout(() => this.#abort.abort(error), MAX_IDLE_MS);
  }

  stop() {
    clearTimeout(this.#timer);
  }
}

/** Yields the data of each event, which the service writes as a single line. */
async function* eventsIn(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = "";;) {
    const { done, value } = await reader.read();
    if (done) return;
    const events = (text + value).split("\n\n");
    text = events.pop();
    for (const event of events) if (event.startsWith("data: ")) yield event.slice("data: ".length);
  }
}
