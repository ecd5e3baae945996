/** Sights: what the service tells of its nodes, event by event. EventSource can't send a key, so it is read by fetch. */

import { pause } from "../shared/dom.js";
import { respond } from "../shared/server.js";

const LEAST_WAIT_MS = 1_000; // and as much again at random

/** Comes back whenever the stream ends; throws the refusal when the key is not taken any more. */
export async function* sights(tell) {
  for (;;) {
    try {
      tell("connecting", "Connecting");
      const { body } = await respond("/console/events");
      for await (const event of eventsIn(body)) {
        tell("open", "Live");
        yield JSON.parse(event);
      }
      tell("waiting", "The stream ended; it is opened again in a moment");
    } catch (error) {
      if (error.status === 401) throw error;
      tell("waiting", `${error.message}; it is tried again in a moment`);
    }
    await pause(LEAST_WAIT_MS * (1 + Math.random()));
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
