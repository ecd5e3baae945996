/** Talk without NATS: what is said is heard at once, as JSON has it, unless a test has it lost. */

import type { BusListener } from "../../../src/cluster/nats/nats_bus.ts";

/** What carries between those who talk. */
export class Air {
  /** Whether what is said on a subject gets lost. */
  isLost: (subject: string) => boolean = () => false;
  readonly #listeners = new Map<string, BusListener>();

  /** Whatever is said, as if by somebody else. */
  carry(subject: string, data: Uint8Array, reply: string): void {
    if (this.isLost(subject)) return;
    const listener = this.#at(subject);
    if (listener !== undefined) listener.take(JSON.parse(new TextDecoder().decode(data)), { subject, reply });
    else if (reply !== "") this.#at(reply)?.nobody?.(reply);
  }

  listen(subject: string, listener: BusListener): void {
    this.#listeners.set(subject.replace(/\.\*$/, ""), listener);
  }

  #at(subject: string): BusListener | undefined {
    return this.#listeners.get(subject) ?? this.#listeners.get(subject.slice(0, subject.lastIndexOf(".")));
  }
}

export class TestTalk {
  isUp = true;
  readonly #air: Air;

  constructor(air: Air) {
    this.#air = air;
  }

  hear(subject: string, listener: BusListener): void {
    this.#air.listen(subject, listener);
  }

  say(subject: string, said: unknown, reply = ""): void {
    this.send(subject, { data: new TextEncoder().encode(JSON.stringify(said)), reply });
  }

  send(subject: string, { data, reply = "" }: { data: Uint8Array; reply?: string }): void {
    if (this.isUp) this.#air.carry(subject, data, reply);
  }
}
