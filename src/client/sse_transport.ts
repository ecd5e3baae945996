/** A line over Server-Sent Events, by fetch: EventSource can't send a token, and gives up at any refusal. */

import { requestWith, urlOf } from "./address.ts";
import { type End, reasonOf, refusalOf } from "./end.ts";
import { type ClientTransport, type ClientTransportDeps, WELCOME_MS } from "./transport.ts";

const SILENT_MS = 45_000; // the server says something every 15 seconds

export class SseClientTransport implements ClientTransport {
  readonly ended: Promise<End>;
  worked = false;
  readonly #deps: ClientTransportDeps;
  readonly #abort = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #posted: Promise<unknown> | undefined;

  constructor(deps: ClientTransportDeps) {
    this.#deps = deps;
    this.ended = this.#read().catch((error) => ({ reason: reasonOf(error) })).finally(() => this.close());
  }

  get gone(): Promise<unknown> {
    return Promise.allSettled([this.ended, this.#posted]);
  }

  send(messages: readonly string[], connection: string): Promise<number> {
    const posted = this.#post(messages, connection);
    this.#posted = Promise.allSettled([this.#posted, posted]);
    return posted;
  }

  /** What would go over a WebSocket is posted: to the end, also when the page is left. */
  async #post(messages: readonly string[], connection: string): Promise<number> {
    const { address, token } = this.#deps;
    const request = requestWith(token, AbortSignal.timeout(WELCOME_MS));
    const response = await fetch(urlOf(address, "received"), {
      ...request,
      method: "POST",
      keepalive: true,
      headers: { ...request.headers, "content-type": "application/json" },
      body: `{"connection":${JSON.stringify(connection)},"messages":[${messages}]}`,
    });
    if (response.ok) return 0;
    const { reason, minMs } = await refusalOf(response);
    if (!minMs) throw new Error(reason);
    return minMs;
  }

  close(reason = "closed"): void {
    clearTimeout(this.#timer);
    this.#abort.abort(new Error(reason));
  }

  async #read(): Promise<End> {
    const { address, token, after } = this.#deps;
    this.#expect(WELCOME_MS);
    const response = await fetch(urlOf(address, "events", after), requestWith(token, this.#abort.signal));
    if (!response.ok || response.body === null) return await refusalOf(response);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = "";;) {
      const { done, value } = await reader.read();
      if (done) return { reason: "the stream ended" };
      const events = (text + value).split("\n\n");
      text = events.pop() ?? "";
      for (const event of events) {
        const end = this.#takeEvent(event);
        if (end !== null) return end;
      }
      if (this.worked) this.#expect(SILENT_MS);
    }
  }

  /** The end, if the event says it. The server ends lines with LF, and writes `data` in one. */
  #takeEvent(event: string): End | null {
    const lines = event.split("\n");
    const data = lines.find((line) => line.startsWith("data: "))?.slice(6);
    if (data === undefined) return null;
    if (lines.includes("event: close")) {
      const { code, reason } = JSON.parse(data);
      return { code, reason: `${code}: ${reason}` };
    }
    this.worked = true;
    this.#deps.take(data);
    return null;
  }

  /** Gives up when nothing comes for so long: nobody else tells that the network is gone. */
  #expect(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.close("nothing comes"), ms);
  }
}
