/** Sights: what the service tells of its nodes, event by event. EventSource can't send a key, so it is read by fetch. */

import { pause } from "../shared/dom.js";
import { respond } from "../shared/server.js";

const MIN_WAIT_MS = 1_000; // and as much again at random
const SILENT_MS = 10_000; // the service looks every second; a network that is gone tells nobody

/** Comes back whenever the stream ends; throws the refusal when the key is not taken any more. */
export async function* sights(tell) {
  for (;;) {
    const silence = new Silence();
    try {
      tell("connecting", "Connecting");
      const { body } = await respond("/console/events", { signal: silence.signal });
      for await (const event of eventsIn(body)) {
        silence.isBroken();
        tell("open", "Live");
        yield JSON.parse(event);
      }
      tell("waiting", "The stream ended; it is opened again in a moment");
    } catch (error) {
      if (error.status === 401) throw error;
      tell("waiting", `${error.message}; it is tried again in a moment`);
    } finally {
      silence.end();
    }
    await pause(MIN_WAIT_MS * (1 + Math.random()));
  }
}

/** Aborts when it has lasted for too long. */
class Silence {
  #abort = new AbortController();
  #timer;

  constructor() {
    this.isBroken();
  }

  get signal() {
    return this.#abort.signal;
  }

  /** Something has come: it begins anew. */
  isBroken() {
    clearTimeout(this.#timer);
    const why = new Error(`Nothing came for ${SILENT_MS / 1000} seconds`);
    this.#timer = setTimeout(() => this.#abort.abort(why), SILENT_MS);
  }

  end() {
    clearTimeout(this.#timer);
  }
}

/** The data of each event: the service writes it in one line. */
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
