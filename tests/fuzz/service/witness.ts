/** A witness: a tab of its own target that must receive everything that is published for it, whatever else happens. */

import { EventReader } from "../../end_to_end/event_reader.ts";
import { expect, fail } from "../violation.ts";

interface Message {
  readonly type?: string;
  readonly id?: string;
  readonly position?: string;
}

const DEADLINE_MS = 60_000; // only what is broken takes that long

export class Witness implements AsyncDisposable {
  readonly #name: string;
  readonly #isOwn: (id: string) => boolean;
  readonly #mayBeLate: boolean;
  readonly #ids: string[] = [];
  readonly #seen = new Set<string>();
  #lastPosition = "";
  #fault: string | null = null;
  #onArrival = () => {};
  #close: () => Promise<void> | void = () => {};

  private constructor(name: string, { isOwn, mayBeLate }: WitnessOptions) {
    this.#name = name;
    this.#isOwn = isOwn;
    this.#mayBeLate = mayBeLate;
  }

  static async overSocket(port: number, options: WitnessOptions): Promise<Witness> {
    const witness = new Witness("the witness over a WebSocket", options);
    const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/connect`, [
      "tidings.v1",
      `tidings.bearer.${options.token}`,
    ]);
    const gone = new Promise<void>((resolve) => socket.addEventListener("close", () => resolve()));
    socket.onclose = ({ code }) => witness.#break(`was closed with ${code}`);
    witness.#close = async () => {
      socket.onclose = null;
      socket.close();
      await gone;
    };
    await new Promise<void>((resolve) => {
      socket.onerror = () => resolve(); // it is closed then
      socket.onmessage = ({ data }) => {
        witness.#take(JSON.parse(data));
        resolve();
      };
    });
    return witness;
  }

  static async overEvents(port: number, options: WitnessOptions): Promise<Witness> {
    const witness = new Witness("the witness over an event stream", options);
    const reader = await EventReader.open(port, {}, { authorization: `Bearer ${options.token}` });
    witness.#take(await reader.messages() ?? []);
    let isClosing = false;
    const reading = (async () => {
      for (let batch = await reader.messages(); batch !== null; batch = await reader.messages()) {
        witness.#take(batch);
      }
      if (!isClosing) witness.#break(`was ended: ${JSON.stringify(reader.close)}`);
    })().catch((error) => isClosing || witness.#break(`failed: ${error}`));
    witness.#close = async () => {
      isClosing = true;
      await reader[Symbol.asyncDispose]().catch(() => {}); // the stream may have failed
      await reading;
    };
    return witness;
  }

  /** Resolves when exactly these were received, in this order. Nothing is known of earlier calls any more. */
  async received(ids: readonly string[]): Promise<void> {
    const deadline = performance.now() + DEADLINE_MS;
    while (this.#ids.length < ids.length && this.#fault === null) {
      const leftMs = deadline - performance.now();
      expect(leftMs > 0, () => `${this.#name} received only ${this.#ids.length} of ${ids.length}`);
      await this.#arrival(leftMs);
    }
    if (this.#fault !== null) fail(`${this.#name} ${this.#fault}`);
    const received = this.#ids.splice(0);
    expect(
      JSON.stringify(received) === JSON.stringify(ids),
      () => `${this.#name} received ${received} instead of ${ids}`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }

  #take(messages: readonly Message[]): void {
    for (const { type, id = "", position = "" } of messages) {
      if (type !== "notification") continue;
      const isOwn = this.#isOwn(id); // else somebody has sent it to everyone
      if (!isOwn && this.#mayBeLate) continue;
      if (position <= this.#lastPosition) this.#break(`received ${position} after ${this.#lastPosition}`);
      this.#lastPosition = position;
      if (!isOwn) continue;
      if (this.#seen.has(id)) this.#break(`received ${id} twice`);
      this.#seen.add(id);
      this.#ids.push(id);
    }
    this.#onArrival();
  }

  #break(fault: string): void {
    this.#fault ??= fault;
    this.#onArrival();
  }

  async #arrival(ms: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    await new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
      this.#onArrival = resolve;
    });
    clearTimeout(timer);
  }
}

interface WitnessOptions {
  readonly token: string;
  /** Whether the id is one of those that are published for the witness. */
  readonly isOwn: (id: string) => boolean;
  /** Whether what others have sent to everyone may come after what was sent later. */
  readonly mayBeLate: boolean;
}
