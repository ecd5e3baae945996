/** The message bus of the nodes: publishes JSON values over NATS, and receives them from other nodes. */

import { Buffer } from "node:buffer";
import { headers, type Msg, type Subscription } from "@nats-io/nats-core";
import type { NatsLink } from "../../nats/link.ts";
import { messageFailure } from "./message_failure.ts";
import { type Chunk, ChunkAssembler, chunksOf } from "./chunks.ts";

export interface BusListener {
  /** Receives the JSON value of a message. The bus reports what it throws. */
  onMessage(value: unknown, from: { readonly subject: string; readonly reply: string }): void;
  /** Called with a reply subject if nobody is subscribed to the subject of the question. */
  onNoResponders?(reply: string): void;
}

const CHUNK_BYTES = 512 * 1024; // the default limit of NATS is 1 MiB
const HEADER_BYTES = 1_024;
const LABEL_HEADER = "Tidings-Part";
const NO_RESPONDERS = 503; // the status code of the message that NATS sends in this case

export class NatsBus {
  readonly #link: NatsLink;
  readonly #report: (error: unknown) => void;
  readonly #assembler = new ChunkAssembler();
  readonly #subscriptions: Subscription[] = [];

  /** @param report called with each message that cannot be processed */
  constructor(link: NatsLink, report: (error: unknown) => void) {
    this.#link = link;
    this.#report = report;
  }

  /** While the bus is down, everything that is published is lost. */
  get isUp(): boolean {
    return this.#link.isUp && !this.#link.connection.isClosed();
  }

  /** @throws {RangeError} if the encoded value is too large */
  publish(subject: string, value: unknown, reply = ""): void {
    this.publishEncoded(subject, { data: encode(value), reply });
  }

  /** @throws {RangeError} if the data is too large */
  publishEncoded(subject: string, { data, reply = "" }: { data: Uint8Array; reply?: string }): void {
    const { connection } = this.#link;
    if (!this.isUp) return;
    const max = connection.info?.max_payload ?? Infinity;
    for (const { data: chunk, label } of chunksOf(data, Math.min(CHUNK_BYTES, max - HEADER_BYTES))) {
      connection.publish(subject, chunk, {
        reply,
        ...label === null ? {} : { headers: labelHeaders(label) },
      });
    }
  }

  subscribe(subject: string, listener: BusListener): void {
    const callback = (error: Error | null, message: Msg) => {
      try {
        if (error !== null) throw error;
        this.#receive(message, listener);
      } catch (cause) { // an exception that leaves this callback would close the connection
        this.#report(messageFailure(`cannot process a message on ${subject}`, cause));
      }
    };
    this.#subscriptions.push(this.#link.connection.subscribe(subject, { callback }));
  }

  /** Drops messages that stay incomplete. */
  beat(): void {
    this.#assembler.beat();
  }

  /** Resolves when everything that was published has arrived at the server, or is lost. */
  async close(): Promise<void> {
    const { connection } = this.#link;
    if (connection.isClosed()) return;
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    if (this.isUp) await connection.flush().catch(() => {}); // if the connection breaks now, the messages are lost
  }

  #receive(message: Msg, listener: BusListener): void {
    const { subject, reply = "", data } = message;
    if (message.headers?.code === NO_RESPONDERS) return listener.onNoResponders?.(subject);
    const whole = this.#assembler.add(`${subject} ${reply}`, { data, label: labelOf(message) });
    if (whole !== undefined) {
      listener.onMessage(JSON.parse(Buffer.from(whole).toString()), { subject, reply });
    }
  }
}

export function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function labelHeaders(label: string): ReturnType<typeof headers> {
  const header = headers();
  header.set(LABEL_HEADER, label);
  return header;
}

function labelOf({ headers }: Msg): Chunk["label"] {
  return headers?.has(LABEL_HEADER) ? headers.get(LABEL_HEADER) : null;
}
