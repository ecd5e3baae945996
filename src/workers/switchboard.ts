/** The switchboard: the owner of the journal hands on what isolates say to each other. */

import type { Said } from "./said.ts";

const OWNER = 0;

export class Switchboard {
  readonly #receivers = new Map<number, (message: Said) => void>();

  /** @param receive called with what is said to the isolate */
  join(isolate: number, receive: (message: Said) => void): void {
    this.#receivers.set(isolate, receive);
  }

  /** Tells the others that an isolate has gone. */
  leave(isolate: number): void {
    this.#receivers.delete(isolate);
    this.send({ from: OWNER, to: null, message: { kind: "left", isolate } });
    this.#receivers.get(OWNER)?.({ from: isolate, to: OWNER, message: { kind: "left", isolate } });
  }

  send(message: Said): void {
    if (message.to !== null) return this.#receivers.get(message.to)?.(message);
    for (const [isolate, receive] of this.#receivers) if (isolate !== message.from) receive(message);
  }
}
