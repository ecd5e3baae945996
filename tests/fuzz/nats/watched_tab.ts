/** The tab of the target that others write to: each frame that it is sent must be one of the protocol. */

import type { Json } from "../json/json.ts";
import { misfitOf } from "../json/schema_check.ts";
import type { MessageDocument } from "../socket/frame_check.ts";
import { expect, fail } from "../violation.ts";

const DEADLINE_MS = 60_000;

export class WatchedTab implements AsyncDisposable {
  readonly #document: MessageDocument;
  readonly #open: () => WebSocket;
  #socket: WebSocket;
  #fault: string | null = null;
  #expected: string | null = null;

  constructor(document: MessageDocument, { port, token }: { port: number; token: string }) {
    this.#document = document;
    this.#open = () => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/connect`, [
        "tidings.v1",
        `tidings.bearer.${token}`,
      ]);
      socket.onmessage = ({ data }) => this.#check(data);
      return socket;
    };
    this.#socket = this.#open();
  }

  /** Resolves when the tab is connected, has received what `publish` sends with the id, and nothing that is wrong. */
  async check(publish: (id: string) => Promise<void>): Promise<void> {
    if (this.#socket.readyState > 1) this.#socket = this.#open();
    const deadline = performance.now() + DEADLINE_MS, id = this.#expected = `watched ${crypto.randomUUID()}`;
    while (this.#socket.readyState === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    await publish(id);
    while (this.#expected === id && this.#socket.readyState === 1) {
      expect(performance.now() < deadline, () => "the tab does not receive what is published for it");
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    if (this.#fault !== null) fail(this.#fault);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket.readyState === 3) return;
    const gone = new Promise<void>((resolve) => this.#socket.addEventListener("close", () => resolve()));
    this.#socket.close();
    await gone;
  }

  #check(text: string): void {
    try {
      const messages: Json = JSON.parse(text);
      const { toBrowser: schema, schemas } = this.#document;
      const misfit = misfitOf(messages, { schema, schemas, path: "the frame" });
      if (misfit !== null) this.#fault ??= `${misfit.slice(0, 1_000)}: ${text.slice(0, 500)}`;
      if (this.#expected !== null && text.includes(this.#expected)) this.#expected = null;
    } catch {
      this.#fault ??= `a tab was sent what is no JSON: ${text.slice(0, 500)}`;
    }
  }
}
