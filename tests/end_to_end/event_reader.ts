/** Server-Sent Events, read when a test wants them: with fetch, or by hand over a line that can be left unread or cut. */

import { assertEquals } from "@std/assert";
import type { Message } from "./tab.ts";

/** An event, with the fields that it has; a comment has none. */
export interface ServerEvent {
  readonly id?: string;
  readonly event?: string;
  readonly data?: string;
  readonly retry?: string;
}

/** Where the text comes from. */
interface Source {
  /** Null: it is at its end. */
  read(): Promise<Uint8Array | null>;
  end(): Promise<void> | void;
}

const encoder = new TextEncoder();

export class EventReader implements AsyncDisposable {
  /** What an EventSource would come back with. */
  lastId: string | undefined;
  /** What the last event said; null if there was none. */
  close: { readonly code: number; readonly reason: string } | null = null;
  readonly #source: Source;
  readonly #decoder = new TextDecoder();
  #text = "";

  private constructor(source: Source) {
    this.#source = source;
  }

  /** Asks as browsers do, with headers if there are any. Rejects with the problem if it is refused. */
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
      end: () => chunks?.cancel(),
    });
  }

  /** In HTTP/1.0, so that the text comes as it is, and with it the head. What is not asked for is not read. */
  static async unread(port: number, query: Record<string, string>): Promise<EventReader> {
    const connection = await Deno.connect({ port });
    const chunk = new Uint8Array(64 * 1024);
    const reader = new EventReader({
      async read() {
        const count = await connection.read(chunk).catch(() => null);
        return count === null ? null : chunk.subarray(0, count);
      },
      end: () => connection.close(),
    });
    const path = `/v1/events?${new URLSearchParams(query)}`;
    await connection.write(encoder.encode(`GET ${path} HTTP/1.0\r\nhost: 127.0.0.1\r\n\r\n`));
    return reader;
  }

  /** The next event or comment; null when there is none any more. */
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

  /** The messages of the next event that has some; null when there is none any more. */
  async messages(): Promise<readonly Message[] | null> {
    for (let event = await this.event(); event !== null; event = await this.event()) {
      if (event.event === undefined && event.data !== undefined) return JSON.parse(event.data);
    }
    return null;
  }

  /** The welcome, which has to come now. */
  async welcome(): Promise<Message> {
    const [welcome, ...more] = await this.messages() ?? [];
    if (welcome?.type !== "welcome") throw new Error("There is no welcome");
    assertEquals(more, []);
    return welcome;
  }

  /** The data of the next notifications, as many or a few more, or as there are. */
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

  /** Leaves, without a word. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#source.end();
  }

  /** The text up to an empty line; what is broken off is dropped, as browsers do. */
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
