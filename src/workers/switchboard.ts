/** The switchboard: the owner of the journal hands on what isolates say to each other. */

import type { Envelope } from "./isolate_nodes.ts";

const OWNER = 0;

export class Switchboard {
  readonly #receivers = new Map<number, (envelope: Envelope) => void>();

  /** @param receive called with what is said to the isolate */
  join(isolate: number, receive: (envelope: Envelope) => void): void {
    this.#receivers.set(isolate, receive);
  }

  /** Tells the others that an isolate has gone. */
  leave(isolate: number): void {
    this.#receivers.delete(isolate);
    this.send({ from: OWNER, to: null, message: { kind: "left", isolate } });
    this.#receivers.get(OWNER)?.({ from: isolate, to: OWNER, message: { kind: "left", isolate } });
  }

  send(envelope: Envelope): void {
    if (envelope.to !== null) return this.#receivers.get(envelope.to)?.(envelope);
    for (const [isolate, receive] of this.#receivers) if (isolate !== envelope.from) receive(envelope);
  }
}
