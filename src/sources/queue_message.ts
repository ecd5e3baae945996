/** A message of the queue: what a backend put there, and the one answer that the queue gets to it. */

import { Buffer, isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { type Msg, nanos } from "@nats-io/nats-core";
import { MsgImpl } from "@nats-io/nats-core/internal";
import { Problem } from "../problem.ts";

const MOST_BYTES = 1024 * 1024;
const decoder = new TextDecoder();

export class QueueMessage {
  /** Its place in the queue's stream. */
  readonly sequence: number;
  /** How often it has been delivered, to any node, with this time. */
  readonly deliveries: number;
  /** The same whenever it is delivered, and of no other message: what its publisher named it, or its place. */
  readonly key: string;
  readonly #message: Msg | MsgImpl;

  constructor(message: Msg | MsgImpl) {
    // $JS.ACK, from 2.10 on perhaps the domain and the account, then stream, consumer, deliveries, sequence,
    // sequence in the consumer, and the time at which it was stored (ADR-15).
    const tokens = (message.reply ?? "").split(".");
    const [stream, , deliveries, sequence, , storedAt] = tokens.slice(tokens.length > 9 ? 4 : 2);
    this.#message = message;
    this.sequence = Number(sequence);
    this.deliveries = Number(deliveries);
    this.key = message.headers?.get("Nats-Msg-Id") || digestOf(`${stream} ${storedAt} ${sequence}`);
  }

  /** As it was published. */
  get data(): Uint8Array {
    return this.#message.data;
  }

  /** With its headers and subjects, as the server counts. */
  get size(): number {
    return this.#message instanceof MsgImpl ? this.#message.size() : this.data.length;
  }

  /** @throws {Problem} `too-large`, or `bad-request` if it is not UTF-8 */
  get text(): string {
    if (this.data.length > MOST_BYTES) throw new Problem("too-large", `a body may have ${MOST_BYTES} bytes`);
    if (!isUtf8(this.data)) throw new Problem("bad-request", "the body is not UTF-8");
    return decoder.decode(this.data);
  }

  /** It is done with. */
  ack(): void {
    this.#message.respond(Buffer.from("+ACK"));
  }

  /** It is done with, though nothing came of it. */
  term(): void {
    this.#message.respond(Buffer.from("+TERM"));
  }

  /** It is to be delivered again, to whichever node, and not before. */
  nak(delayMs = 0): void {
    this.#message.respond(Buffer.from(`-NAK ${JSON.stringify({ delay: nanos(delayMs) })}`));
  }
}

/** Browsers see it as the notification's id: it tells nothing of how many there are. */
function digestOf(place: string): string {
  return createHash("sha256").update(place).digest("base64url").slice(0, 22);
}
