/** A stream of Server-Sent Events, read as the HTML standard says (section 9.2.6), with what it has left out. */

import type { Answer } from "./answer.ts";
import type { Body } from "./body.ts";
import { equal, fail, present } from "./expect.ts";
import { MessageQueue } from "./message_queue.ts";

/** An event with its fields as they came. A comment is an event with nothing but `comment`. */
export interface StreamEvent {
  readonly type: string;
  readonly data: string | null;
  readonly id: string | null;
  readonly retry: string | null;
  readonly comment: string | null;
  /** The lines, without their ends. */
  readonly lines: readonly string[];
}

export class EventStream extends MessageQueue {
  /** The answer without its body, which is the stream. */
  readonly answer: Answer;
  readonly #nextChunk: () => Promise<Uint8Array | null>;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  #text = "";
  #welcome: Body | undefined;

  /** @param nextChunk resolves with the next bytes of the body; null at its end */
  constructor(answer: Answer, nextChunk: () => Promise<Uint8Array | null>) {
    super(async () => JSON.parse((await this.messageEvent()).data ?? ""));
    this.answer = answer;
    this.#nextChunk = nextChunk;
  }

  get welcome(): Body {
    return present(this.#welcome, "the welcome");
  }

  async takeWelcome(): Promise<this> {
    const messages: Body[] = JSON.parse((await this.messageEvent()).data ?? "");
    equal(messages.map(({ type }) => type), { is: ["welcome"], in: "the messages of the first event" });
    this.#welcome = messages[0];
    return this;
  }

  /** Resolves with the next event that has messages. Fails if the stream ends or is closed. */
  async messageEvent(): Promise<StreamEvent> {
    for (;;) {
      const event = await this.event();
      if (event === null) fail("the stream has ended");
      if (event.type === "close") fail(`the server closed with ${event.data}`);
      if (event.type === "message" && event.data !== null) return event;
    }
  }

  /** Resolves with the next event or comment; null at the end. */
  async event(): Promise<StreamEvent | null> {
    const block = await this.#block();
    if (block === null) return null;
    const lines = block.split(/\r\n|\n|\r/).filter((line) => line !== "");
    const valuesOf = (name: string) => lines.flatMap((line) => parseField(line, name));
    const data = valuesOf("data");
    return {
      type: valuesOf("event").at(-1) ?? "message",
      data: data.length === 0 ? null : data.join("\n"),
      id: valuesOf("id").at(-1) ?? null,
      retry: valuesOf("retry").at(-1) ?? null,
      comment: lines.find((line) => line.startsWith(":")) ?? null,
      lines,
    };
  }

  async #block(): Promise<string | null> {
    for (;;) {
      const end = /\r\n\r\n|\n\n|\r\r/.exec(this.#text);
      if (end) {
        const block = this.#text.slice(0, end.index);
        this.#text = this.#text.slice(end.index + end[0].length);
        return block;
      }
      const chunk = await this.#nextChunk();
      if (chunk === null) return null;
      this.#text += this.#decoder.decode(chunk, { stream: true });
    }
  }
}

/** The value of a line if it is of this field: one space after the colon does not count. */
function parseField(line: string, name: string): string[] {
  if (line === name) return [""];
  return line.startsWith(`${name}:`) ? [line.slice(name.length + 1).replace(/^ /, "")] : [];
}
