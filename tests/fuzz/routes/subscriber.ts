/** A subscriber that the requests are about: its connection, and the latest position that it knows. */

import { EventReader } from "../../end_to_end/event_reader.ts";
import { PLACEHOLDERS } from "../json/schema_values.ts";

export class Subscriber implements AsyncDisposable {
  readonly #port: number;
  readonly #token: string;
  #reader: EventReader | null = null;
  #reading: Promise<void> = Promise.resolve();
  #connection = "none";
  #position = "k3v9x0ab-0000000000f";

  constructor(port: number, token: string) {
    this.#port = port;
    this.#token = token;
  }

  get isConnected(): boolean {
    return this.#reader !== null;
  }

  /** Connects if a request has closed its connection, or it never had one. */
  async connect(): Promise<void> {
    if (this.#reader !== null) return;
    const reader = await EventReader.open(this.#port, {}, { authorization: `Bearer ${this.#token}` });
    const welcome = await reader.welcome();
    this.#connection = String(welcome.connection);
    this.#position = String(welcome.position);
    this.#reader = reader;
    this.#reading = this.#follow(reader);
  }

  fill(text: string): string {
    return text.replaceAll(PLACEHOLDERS.position, this.#position)
      .replaceAll(PLACEHOLDERS.connection, this.#connection);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader?.[Symbol.asyncDispose]().catch(() => {}); // the stream may have failed
    await this.#reading;
  }

  async #follow(reader: EventReader): Promise<void> {
    try {
      for (let batch = await reader.messages(); batch !== null; batch = await reader.messages()) {
        this.#position = String(batch.at(-1)?.position ?? this.#position);
      }
    } catch {
      // it was cut, which ends it as well
    }
    this.#reader = null;
  }
}
