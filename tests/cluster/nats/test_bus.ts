/** A bus without NATS: messages arrive at once, as JSON, unless a test loses them. */

import type { BusListener } from "../../../src/cluster/nats/nats_bus.ts";

/** The network between the test buses. */
export class TestNetwork {
  /** Decides whether a message on this subject is lost. */
  isLost: (subject: string) => boolean = () => false;
  readonly #listeners = new Map<string, BusListener>();

  deliver(subject: string, data: Uint8Array, reply: string): void {
    if (this.isLost(subject)) return;
    const listener = this.#listenerOf(subject);
    if (listener !== undefined) {
      listener.onMessage(JSON.parse(new TextDecoder().decode(data)), { subject, reply });
    } else if (reply !== "") this.#listenerOf(reply)?.onNoResponders?.(reply);
  }

  subscribe(subject: string, listener: BusListener): void {
    this.#listeners.set(subject.replace(/\.\*$/, ""), listener);
  }

  #listenerOf(subject: string): BusListener | undefined {
    return this.#listeners.get(subject) ?? this.#listeners.get(subject.slice(0, subject.lastIndexOf(".")));
  }
}

export class TestBus {
  isUp = true;
  readonly #network: TestNetwork;

  constructor(network: TestNetwork) {
    this.#network = network;
  }

  subscribe(subject: string, listener: BusListener): void {
    this.#network.subscribe(subject, listener);
  }

  publish(subject: string, value: unknown, reply = ""): void {
    this.publishEncoded(subject, { data: new TextEncoder().encode(JSON.stringify(value)), reply });
  }

  publishEncoded(subject: string, { data, reply = "" }: { data: Uint8Array; reply?: string }): void {
    if (this.isUp) this.#network.deliver(subject, data, reply);
  }
}
