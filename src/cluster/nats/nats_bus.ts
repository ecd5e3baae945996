/** Talk: says things to other nodes over NATS, and hears what they say. Nothing that comes can break it. */

import { Buffer } from "node:buffer";
import { headers, type Msg, type Subscription } from "@nats-io/nats-core";
import type { NatsLink } from "../../nats/link.ts";
import { type Chunk, ChunkAssembler, chunksOf } from "./chunks.ts";

/** What is done with what is said on a subject. */
export interface BusListener {
  /** Given the JSON value; what it throws is reported. */
  take(said: unknown, on: { readonly subject: string; readonly reply: string }): void;
  /** Told on which reply subject an answer was awaited where nobody listens. */
  nobody?(subject: string): void;
}

const PART_BYTES = 512 * 1024; // NATS takes 1 MiB, unless it is told otherwise
const HEADER_BYTES = 1_024;
const LABEL = "Tidings-Part";
const NOBODY = 503; // the status of a message that says so

export class NatsBus {
  readonly #link: NatsLink;
  readonly #report: (error: unknown) => void;
  readonly #assembly = new ChunkAssembler();
  readonly #subscriptions: Subscription[] = [];

  constructor(link: NatsLink, report: (error: unknown) => void) {
    this.#link = link;
    this.#report = report;
  }

  /** While it is not, nothing that is said is heard. */
  get isUp(): boolean {
    return this.#link.isUp && !this.#link.connection.isClosed();
  }

  /** Says a value of JSON. Throws a {@linkcode RangeError} if it is too large. */
  say(subject: string, said: unknown, reply = ""): void {
    this.send(subject, { data: encoded(said), reply });
  }

  /** The same with what is encoded already. */
  send(subject: string, { data, reply = "" }: { data: Uint8Array; reply?: string }): void {
    const { connection } = this.#link;
    if (!this.isUp) return;
    const max = connection.info?.max_payload ?? Infinity;
    for (const { data: part, label } of chunksOf(data, Math.min(PART_BYTES, max - HEADER_BYTES))) {
      connection.publish(subject, part, { reply, ...label === null ? {} : { headers: labelled(label) } });
    }
  }

  hear(subject: string, listener: BusListener): void {
    const callback = (error: Error | null, message: Msg) => {
      try {
        if (error !== null) throw error;
        this.#hear(message, listener);
      } catch (cause) { // from here it would end the connection
        this.#report(new Error(`what is said on ${subject} cannot be taken`, { cause }));
      }
    };
    this.#subscriptions.push(this.#link.connection.subscribe(subject, { callback }));
  }

  /** Forgets the messages of which the rest does not come. */
  beat(): void {
    this.#assembly.beat();
  }

  /** Resolves when all that was said has arrived at the server, or never will. */
  async close(): Promise<void> {
    const { connection } = this.#link;
    if (connection.isClosed()) return;
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    if (this.isUp) await connection.flush().catch(() => {}); // the line broke: nobody is there to be told
  }

  #hear(message: Msg, listener: BusListener): void {
    const { subject, reply = "", data } = message;
    if (message.headers?.code === NOBODY) return listener.nobody?.(subject);
    const whole = this.#assembly.add(`${subject} ${reply}`, { data, label: labelOf(message) });
    if (whole !== undefined) listener.take(JSON.parse(Buffer.from(whole).toString()), { subject, reply });
  }
}

export function encoded(said: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(said));
}

function labelled(label: string): ReturnType<typeof headers> {
  const header = headers();
  header.set(LABEL, label);
  return header;
}

function labelOf({ headers }: Msg): Chunk["label"] {
  return headers?.has(LABEL) ? headers.get(LABEL) : null;
}
