/** SubjectValues: the values of subjects in a stream, which are changed only by whoever knows the newest one. */

import { Buffer } from "node:buffer";
import { headers } from "@nats-io/nats-core";
import type { z } from "zod";
import { hasValidChecksum, setChecksum } from "./checksum.ts";
import type { Damage } from "./damage.ts";
import type { NatsLink } from "./link.ts";
import { overwriteMessage } from "./overwrite_message.ts";
import { publishAfter } from "./publish_after.ts";
import type { StreamMessage } from "./stream_messages.ts";

export interface StoredValue<T> {
  /** Null: there is none, or it is damaged. */
  readonly value: T | null;
  /** The sequence number of the message; 0: there is none. It is greater than that of everything stored before. */
  readonly sequence: number;
}

export interface SubjectValuesOptions<T> {
  /** The name of the stream, which keeps one message of each subject. */
  readonly stream: string;
  readonly schema: z.ZodType<T>;
  readonly damage: Pick<Damage, "note">;
}

export class SubjectValues<T> {
  readonly #link: NatsLink;
  readonly #options: SubjectValuesOptions<T>;

  constructor(link: NatsLink, options: SubjectValuesOptions<T>) {
    this.#link = link;
    this.#options = options;
  }

  /** The leader answers, so the answer is never stale. */
  async read(subject: string): Promise<StoredValue<T>> {
    const { stream } = this.#options;
    const stored = await this.#link.manager.streams.getMessage(stream, { last_by_subj: subject });
    return stored === null
      ? { value: null, sequence: 0 }
      : { value: this.parse(stored), sequence: stored.seq };
  }

  /** Returns the value of a message. Null: it is damaged. */
  parse(message: Pick<StreamMessage, "header" | "data" | "seq">): T | null {
    const value = hasValidChecksum(message) === true
      ? this.#parse(Buffer.from(message.data).toString())
      : null;
    if (value === null) this.#options.damage.note(message.seq);
    return value;
  }

  /**
   * Replaces the value that was read. Resolves with the sequence number, or null if another one may have taken its place
   * meanwhile.
   */
  async replace(
    subject: string,
    { value, after }: { value: T; after: StoredValue<T> },
  ): Promise<number | null> {
    const header = headers(), payload = Buffer.from(JSON.stringify(value));
    setChecksum(header, payload);
    return await publishAfter(this.#link, { subject, payload, headers: header, last: after.sequence });
  }

  /** Removes the value of this sequence number, and overwrites it. Resolves to false if it is not there any more. */
  remove(sequence: number): Promise<boolean> {
    return overwriteMessage(this.#link, { stream: this.#options.stream, sequence });
  }

  #parse(text: string): T | null {
    try {
      return this.#options.schema.safeParse(JSON.parse(text)).data ?? null;
    } catch {
      return null;
    }
  }
}
