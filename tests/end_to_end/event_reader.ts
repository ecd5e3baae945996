/** A reader of Server-Sent Events that reads on demand, with fetch or over TCP. */

import { assertEquals } from "@std/assert";
import type { Message } from "./tab.ts";

/** An event with its fields. A comment is an event without fields. */
export interface ServerEvent {
  readonly id?: string;
  readonly event?: string;
  readonly data?: string;
  readonly retry?: string;
}

interface ByteSource {
  /** Resolves with null at the end. */
  read(): Promise<Uint8Array | null>;
  close(): Promise<void> | void;
}

const encoder = new TextEncoder();

export class EventReader implements AsyncDisposable {
  /** The `Last-Event-ID` that an EventSource would reconnect with. */
  lastId: string | undefined;
  /** The data of the `close` event; null until it arrives. */
  close: { readonly code: number; readonly reason: string } | null = null;
  readonly #source: ByteSource;
  readonly #decoder = new TextDecoder();
  #text = "";

  private constructor(source: ByteSource) {
    this.#source = source;
  }

  /** Opens a stream with fetch. Rejects with the problem if the service refuses. */
  static async open(
    port: number,
    query: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<EventReader> {
    const url = `http://127.0.0.1:${port}/v1/events?${new URLSearchParams(query)}`;
    const response = await fetch(url, { headers });
    if (response.status !== 200) throw new Error(await response.text());
    const chunks = response.body?.getReader();
    return new EventReader({
      read: async () => (await chunks?.read())?.value ?? null,
      close: () => chunks?.cancel(),
    });
  }

  /**
   * Opens a stream over a raw connection. HTTP/1.0 has no chunks, so the bytes after the head are the events.
   */
  static async openUnread(port: number, query: Record<string, string>): Promise<EventReader> {
    const connection = await Deno.connect({ port });
    const chunk = new Uint8Array(64 * 1024);
    const reader = new EventReader({
      async read() {
        const count = await connection.read(chunk).catch(() => null);
        return count === null ? null : chunk.subarray(0, count);
      },
      close: () => connection.close(),
    });
    const path = `/v1/events?${new URLSearchParams(query)}`;
    await connection.write(encoder.encode(`GET ${path} HTTP/1.0\r\nhost: 127.0.0.1\r\n\r\n`));
    return reader;
  }

  /** Resolves with the next event or comment; null at the end. */
  async event(): Promise<ServerEvent | null> {
    const block = await this.#block("\n\n");
    if (block === null) return null;
    if (block.startsWith("HTTP/")) return await this.event();
    const lines = block.split("\n").map((line) => line.split(/: ?(.*)/s, 2)).filter(([field]) =>
      field !== ""
    );
    const event: ServerEvent = Object.fromEntries(lines);
    this.lastId = event.id ?? this.lastId;
    if (event.event === "close") this.close = JSON.parse(event.data ?? "");
    return event;
  }

  /** Resolves with the messages of the next event that has some; null at the end. */
  async messages(): Promise<readonly Message[] | null> {
    for (let event = await this.event(); event !== null; event = await this.event()) {
      if (event.event === undefined && event.data !== undefined) return JSON.parse(event.data);
    }
    return null;
  }

  /** Resolves with the welcome, and fails if another message comes first. */
  async welcome(): Promise<Message> {
    const [welcome, ...more] = await this.messages() ?? [];
    if (welcome?.type !== "welcome") throw new Error("there is no welcome");
    assertEquals(more, []);
    return welcome;
  }

  /**
   * Resolves with the data of the next `count` notifications; a few more if the last event has them, fewer at
   * the end.
   */
  async data(count: number): Promise<unknown[]> {
    const all: unknown[] = [];
    while (all.length < count) {
      const messages = await this.messages();
      if (messages === null) break;
      for (const message of messages) {
        assertEquals(message.type, "notification", JSON.stringify(message));
        all.push(message.data);
      }
    }
    return all;
  }

  /** Disconnects without an announcement. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#source.close();
  }

  /** Reads up to an empty line. Like a browser, it drops an event that is incomplete at the end. */
  async #block(end: string): Promise<string | null> {
    for (let index = this.#text.indexOf(end);; index = this.#text.indexOf(end)) {
      if (index >= 0) {
        const block = this.#text.slice(0, index);
        this.#text = this.#text.slice(index + end.length);
        return block;
      }
      const chunk = await this.#source.read();
      if (chunk === null) return null;
      this.#text += this.#decoder.decode(chunk, { stream: true });
    }
  }
}
