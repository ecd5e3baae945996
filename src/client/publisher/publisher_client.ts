/** The publisher: makes frames of notifications, and keeps a connection over which they are sent. */

import { parseAddress } from "../address.ts";
import { backoffMs } from "../backoff.ts";
import { browser } from "../browser.ts";
import { byteLength } from "../byte_length.ts";
import { adviceAfter, type ConnectionEnd, messageOf, parseRefusal } from "../connection_end.ts";
import { STABLE_MS } from "../limits.ts";
import { PublishCall } from "./publish_call.ts";
import { PublishConnection } from "./publish_connection.ts";
import { createPublishError, reasonOf } from "./publish_error.ts";
import { PublishQueue } from "./publish_queue.ts";
import type {
  NotificationToOne,
  NotificationToSeveral,
  NotifyOptions,
  PublishError,
  TidingsPublisherOptions,
} from "./publishing.ts";
import { within } from "../within.ts";

const MAX_NOTIFICATIONS = 1_000, MAX_BYTES = 1024 * 1024; // of a frame

type Notification = NotificationToOne | NotificationToSeveral;

export class PublisherClient {
  readonly #url: string;
  readonly #options: TidingsPublisherOptions;
  readonly #queue = new PublishQueue();
  readonly #idPrefix = randomHex(16);
  readonly #running: Promise<void>;
  readonly #abort = new AbortController();
  #connection: PublishConnection | undefined;
  #gone: Promise<unknown> = Promise.resolve();
  #calls = 0;
  #ids = 0;
  #pending = 0; // calls
  #failures = 0;
  #isClosing = false;
  #closing: Promise<void> | undefined;
  #end: unknown; // what later calls are rejected with
  #wake = () => {};
  #onIdle = () => {};

  /** @throws {TypeError} if the URL is invalid, or if there is no `WebSocket` */
  constructor(url: string | URL, options: TidingsPublisherOptions) {
    this.#url = `${parseAddress(url, undefined).url}/v1/publish`;
    // No connection ever opens otherwise. In `localhost:8000`, the host is a scheme.
    if (!/^(http|ws)/.test(this.#url)) throw new TypeError(`expected an http or https URL: ${url}`);
    this.#options = options;
    if (!this.#webSocket) {
      throw new TypeError("there is no WebSocket: pass that of the package `ws` as an option");
    }
    const { signal } = options;
    signal?.addEventListener("abort", () => this.#fail(reasonOf(signal)), { signal: this.#abort.signal });
    if (signal?.aborted) this.#fail(reasonOf(signal));
    this.#running = this.#run();
  }

  get #webSocket(): typeof WebSocket | undefined {
    return (this.#options.WebSocket ?? browser.WebSocket) as typeof WebSocket | undefined;
  }

  async notify(
    given: Notification | readonly Notification[],
    { signal }: NotifyOptions = {},
  ): Promise<unknown> {
    if (signal?.aborted) throw reasonOf(signal);
    if (this.#isClosing) throw this.#end ?? closedError();
    const all = [given].flat();
    const withIds = all.map((one) => ({ ...one, id: one.id ?? `${this.#idPrefix}-${this.#ids++}` }));
    const text = JSON.stringify(Array.isArray(given) ? withIds : withIds[0]);
    const bytes = byteLength(text);
    if (all.length > MAX_NOTIFICATIONS || bytes > MAX_BYTES) {
      throw createPublishError("a call is limited to 1,000 notifications and 1 MiB", { status: 413 });
    }
    return await new Promise((resolve, reject) => {
      const notifications = all.length || 1; // an empty array, which the server refuses, counts as one
      const frame = { text, bytes, notifications, number: this.#calls++ };
      this.#pending++;
      this.#queue.add(
        new PublishCall(frame, { signal, resolve, reject, onOver: () => --this.#pending || this.#onIdle() }),
      );
      this.#connection?.send();
    });
  }

  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    this.#isClosing = true;
    if (this.#pending) await new Promise<void>((resolve) => this.#onIdle = resolve);
    this.#fail(closedError());
    await this.#running;
    await this.#gone;
  }

  [Symbol.dispose](): void {
    void this.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Closes for good. */
  #fail(reason: unknown): void {
    if (this.#end) return;
    this.#end = reason;
    this.#isClosing = true;
    this.#abort.abort();
    for (const call of this.#queue.clear()) call.reject(this.#end);
    this.#connection?.close();
    this.#wake();
  }

  async #run(): Promise<void> {
    while (!this.#end) {
      const end = await this.#connect();
      this.#queue.rewind();
      if (this.#end) return;
      const advice = adviceAfter(end), isUnauthorized = end.isOurs && end.status === 401;
      if (advice === "stay away" || isUnauthorized) {
        return this.#fail(createPublishError(end.reason, { final: true, status: end.status }));
      }
      await this.#pause(end, advice === "come back" && !this.#failures);
      this.#failures++;
    }
  }

  /** Resolves when the connection has ended. */
  async #connect(): Promise<ConnectionEnd> {
    const { key } = this.#options;
    try {
      const connection = this.#connection = new PublishConnection({
        queue: this.#queue,
        url: this.#url.replace(/^http/, "ws"),
        protocols: ["tidings.publish.v1", ...key ? [`tidings.key.${toBase64Url(key)}`] : []],
        WebSocket: this.#webSocket as typeof WebSocket,
        onRefused: (reason, ms) => this.#options.retrying?.(reason, ms),
      });
      this.#gone = Promise.all([this.#gone, connection.closed]); // one that has ended may still be closing
      const openedAt = Date.now();
      const end = await connection.ended;
      this.#connection = undefined;
      if (connection.hasOpened && Date.now() - openedAt > STABLE_MS) this.#failures = 0;
      return connection.hasOpened || this.#end ? end : await this.#askWhy();
    } catch (error) {
      return { reason: messageOf(error) };
    }
  }

  /** A `WebSocket` hides why an upgrade was refused, but not why a `fetch` is: 426 means that nothing else is wrong. */
  async #askWhy(): Promise<ConnectionEnd> {
    const { key } = this.#options, headers = key ? { authorization: `Bearer ${key}` } : {};
    return await within(async (signal) => {
      return await parseRefusal(await fetch(this.#url.replace(/^ws/, "http"), { headers, signal }));
    }, { signal: this.#abort.signal });
  }

  async #pause({ reason, minMs = 0 }: ConnectionEnd, isAtOnce: boolean): Promise<void> {
    const ms = isAtOnce ? 0 : minMs + backoffMs(this.#failures);
    this.#options.retrying?.(reason, ms);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function closedError(): PublishError {
  return createPublishError("the publisher is closed", { final: true });
}

/** Not `crypto.randomUUID`, which pages over plain HTTP lack. */
function randomHex(bytes: number): string {
  return Array.from(
    crypto.getRandomValues(new Uint8Array(bytes)),
    (byte) => byte.toString(16).padStart(2, "0"),
  ).join("");
}

/** A key may have any characters, and a subprotocol only those of a token of HTTP. */
function toBase64Url(text: string): string {
  const bytes = String.fromCharCode(...new TextEncoder().encode(text));
  return btoa(bytes).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
}
