/** A client of NATS that is no node of Tidings: it writes what an input says, and answers in place of a node. */

import { headers, type NatsConnection } from "@nats-io/nats-core";
import { setChecksum } from "../../../src/nats/checksum.ts";
import { connect } from "@nats-io/transport-node";
import type { ForeignMessage, NatsInput } from "./nats_input.ts";

/** Who stores a right checksum with a text that begins like this has stored it as a node does: nothing tells them apart. */
const ENTRY = '{"type":"notification","id":"';

export class ForeignClient implements AsyncDisposable {
  readonly #connection: NatsConnection;
  readonly #stream: string;
  #answers: readonly string[] = [];
  #asked = 0;
  /** The names of nodes that have said that they exist. */
  readonly #nodes = new Set<string>();
  /** The node of the service. */
  #node = "";

  private constructor(connection: NatsConnection, stream: string) {
    this.#connection = connection;
    this.#stream = stream;
    connection.subscribe(`${stream}.nodes.beat`, { callback: (_, { data }) => this.#note(data) });
    connection.subscribe(`${stream}.nodes.ask.*`, {
      callback: (_, message) => {
        if (!message.subject.endsWith(this.#node)) {
          message.respond(this.#answers[this.#asked++ % this.#answers.length]);
        }
      },
    });
  }

  static async open(address: string, stream: string): Promise<ForeignClient> {
    return new ForeignClient(await connect({ servers: address }), stream);
  }

  /** The node of the service is the one that is there before anything else is written. */
  async meet(): Promise<void> {
    while (this.#nodes.size === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    [this.#node = ""] = this.#nodes;
  }

  async write({ messages, answers }: NatsInput): Promise<void> {
    this.#answers = answers;
    for (const message of messages) this.#publish(message);
    await this.#connection.flush();
  }

  /** The nodes that an input has made up leave. */
  async leave(): Promise<void> {
    for (const node of this.#nodes) {
      if (node === this.#node) continue;
      const beat = { node, connections: 0, capacity: 0, status: "left" };
      this.#connection.publish(`${this.#stream}.nodes.beat`, JSON.stringify(beat));
      this.#nodes.delete(node);
    }
    await this.#connection.flush();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection.close();
  }

  #publish({ subject, headers: pairs, text, hasChecksum, padding }: ForeignMessage): void {
    const payload = new TextEncoder().encode(text + " ".repeat(padding)), header = headers();
    for (const [name, value] of pairs) header.set(name, value);
    if (hasChecksum && !text.startsWith(ENTRY)) setChecksum(header, payload);
    const to = this.#stream + subject.replace("{{node}}", this.#node);
    this.#connection.publish(to, payload, { headers: header, reply: `${this.#stream}.nobody` });
  }

  #note(data: Uint8Array): void {
    try {
      const { node } = JSON.parse(new TextDecoder().decode(data));
      if (typeof node === "string") this.#nodes.add(node);
    } catch { // it is one of its own
    }
  }
}
