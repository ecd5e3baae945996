/** The transport over Server-Sent Events, by `fetch`: `EventSource` cannot send a token, and stops after a refusal. */

import { requestInit, urlOf } from "./address.ts";
import { type ConnectionEnd, messageOf, parseRefusal } from "./connection_end.ts";
import { type ClientTransport, type ClientTransportDeps, SILENT_MS, WELCOME_MS } from "./transport.ts";

export class SseClientTransport implements ClientTransport {
  readonly ended: Promise<ConnectionEnd>;
  hasOpened = false;
  readonly #deps: ClientTransportDeps;
  readonly #abort = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #posts: Promise<unknown> | undefined;

  constructor(deps: ClientTransportDeps) {
    this.#deps = deps;
    this.ended = this.#read().catch((error) => ({ reason: messageOf(error) })).finally(() => this.close());
  }

  get closed(): Promise<unknown> {
    return Promise.allSettled([this.ended, this.#posts]);
  }

  send(messages: readonly string[], connection: string): Promise<number> {
    const post = this.#post(messages, connection);
    this.#posts = Promise.allSettled([this.#posts, post]);
    return post;
  }

  /** Posts what a WebSocket would send. `keepalive` lets the request finish after the user has left the page. */
  async #post(messages: readonly string[], connection: string): Promise<number> {
    const { address, token } = this.#deps;
    const init = requestInit(token, AbortSignal.timeout(WELCOME_MS));
    const response = await fetch(urlOf(address, "received"), {
      ...init,
      method: "POST",
      keepalive: true,
      headers: { ...init.headers, "content-type": "application/json" },
      body: `{"connection":${JSON.stringify(connection)},"messages":[${messages}]}`,
    });
    if (response.ok) return 0;
    const { reason, minMs } = await parseRefusal(response);
    if (!minMs) throw new Error(reason);
    return minMs;
  }

  close(reason = "closed"): void {
    clearTimeout(this.#timer);
    this.#abort.abort(new Error(reason));
  }

  async #read(): Promise<ConnectionEnd> {
    const { address, token, after } = this.#deps;
    this.#closeAfter(WELCOME_MS);
    const url = urlOf({ ...address, after }, "events");
    const response = await fetch(url, requestInit(token, this.#abort.signal));
    if (!response.ok || response.body === null) return await parseRefusal(response);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = "";;) {
      const { done, value } = await reader.read();
      if (done) return { reason: "the stream ended" };
      const events = (text + value).split("\n\n");
      text = events.pop() ?? "";
      for (const event of events) {
        const end = this.#onEvent(event);
        if (end !== null) return end;
      }
      if (this.hasOpened) this.#closeAfter(SILENT_MS);
    }
  }

  /** Returns the end, if the event is a close. The server ends lines with LF, and writes `data` on one line. */
  #onEvent(event: string): ConnectionEnd | null {
    const lines = event.split("\n");
    const data = lines.find((line) => line.startsWith("data: "))?.slice(6);
    if (data === undefined) return null;
    if (lines.includes("event: close")) {
      const { code, reason } = JSON.parse(data);
      return { code, reason: `${code}: ${reason}` };
    }
    this.hasOpened = true;
    this.#deps.onFrame(data);
    return null;
  }

  /** Closes unless something arrives before: a stream over a network that has failed is just silent. */
  #closeAfter(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.close("nothing comes"), ms);
  }
}
