/** The transport over Server-Sent Events, by `fetch`: `EventSource` cannot send a token, and stops after a refusal. */

import { requestInit, urlOf } from "./address.ts";
import { type ConnectionEnd, messageOf, parseRefusal } from "./connection_end.ts";
import { QUIET_STREAM_MS } from "./limits.ts";
import { postReceived } from "./post_received.ts";
import { type ClientTransport, type ClientTransportDeps, PING, type SendOutcome } from "./transport.ts";
import { Watchdog } from "./watchdog.ts";

export class SseClientTransport implements ClientTransport {
  readonly ended: Promise<ConnectionEnd>;
  hasOpened = false;
  readonly #deps: ClientTransportDeps;
  readonly #abort = new AbortController();
  readonly watchdog: Watchdog;
  #posts: Promise<unknown> | undefined;

  constructor(deps: ClientTransportDeps) {
    this.#deps = deps;
    this.watchdog = new Watchdog(this, QUIET_STREAM_MS);
    this.ended = this.#read().catch((error) => ({ reason: messageOf(error) })).finally(() => this.close());
  }

  get closed(): Promise<unknown> {
    return Promise.allSettled([this.ended, this.#posts]);
  }

  send(messages: readonly string[]): Promise<SendOutcome> {
    const post = this.#post(messages);
    this.#posts = Promise.allSettled([this.#posts, post]);
    return post;
  }

  ack(message: string): Promise<SendOutcome> {
    return this.send([message]);
  }

  /** The answer comes over the stream. */
  ping(): void {
    this.send([PING]).catch(() => {});
  }

  /** If the page closes it, the stream stays until the last posts are answered: they are for this connection. */
  close(reason?: string): void {
    this.watchdog.stop();
    const abort = () => this.#abort.abort(new Error(reason ?? "closed"));
    if (reason) abort();
    else void Promise.resolve(this.#posts).then(abort);
  }

  /**
   * Only a refusal of the server itself is final. Without a valid token or the connection, it needs another one. If there
   * is no answer, the stream may have died with the post.
   */
  async #post(messages: readonly string[]): Promise<SendOutcome> {
    const refusal = await postReceived(this.#deps, messages);
    if (!refusal) return 0;
    const { isOurs, status = 0, minMs, reason } = refusal;
    if (isOurs && !minMs && status < 500) {
      if (status !== 401 && status !== 404) throw new Error(reason);
      this.close(reason);
    }
    if (!status) this.watchdog.check();
    return minMs || undefined;
  }

  async #read(): Promise<ConnectionEnd> {
    const { address, token, after, onFrame } = this.#deps;
    const url = urlOf({ ...address, after }, "events");
    const response = await fetch(url, { ...requestInit(token), signal: this.#abort.signal });
    if (!response.ok || !response.body) return await parseRefusal(response);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = "";;) {
      const { done, value } = await reader.read();
      if (done) return { reason: "the stream ended" };
      const events = (text + value).split("\n\n");
      text = events.pop() ?? "";
      for (const event of events) { // the server ends lines with LF, and writes `data` on one line
        const [, data] = /^data: ([^\n]*)/m.exec(event) ?? [];
        if (!data) continue;
        if (event.includes("event: close\n")) {
          const { code, reason } = JSON.parse(data);
          return { code, reason: `${code}: ${reason}` };
        }
        onFrame(data);
        this.hasOpened = true;
      }
      if (this.hasOpened) this.watchdog.onArrival();
    }
  }
}
