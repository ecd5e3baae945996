/** The presence records in NATS: all nodes read and change them in one stream, and keep none in memory. */

import { Buffer } from "node:buffer";
import type { StreamInfo } from "@nats-io/jetstream";
import { isApiError, STREAM_FULL } from "../../nats/api_error.ts";
import { Damage } from "../../nats/damage.ts";
import type { NatsLink } from "../../nats/link.ts";
import { messageBytes } from "../../nats/publish_after.ts";
import { CONFLICT, repeatUntilDone } from "../../nats/repeat_until_done.ts";
import { StoreRequests } from "../../nats/store_requests.ts";
import type { StreamLoss } from "../../nats/stream_loss.ts";
import { StreamMessages } from "../../nats/stream_messages.ts";
import { StreamWatch } from "../../nats/stream_watch.ts";
import { ensureStream } from "../../nats/streams.ts";
import { type StoredValue, SubjectValues } from "../../nats/subject_values.ts";
import { type ChangeRecord, isEmptyRecord, NOBODY, type PresenceRecord } from "../presence_record.ts";
import { NoRoomError, type PresenceRecords, type PresenceRecordsOptions } from "../presence_records.ts";
import { PresenceRecordSchema } from "../record_schema.ts";
import {
  allRecords,
  presenceConfig,
  presenceStream,
  type PresenceStreams,
  recordSubject,
  targetOfSubject,
} from "./presence_streams.ts";

export interface NatsPresenceOptions extends PresenceStreams, PresenceRecordsOptions {
  /** Interval between looks at whether the stream is still there. */
  readonly everyMs: number;
  /** Called when something that was stored is lost. */
  onLoss(loss: StreamLoss): void;
  /** Called with the number of a message that no node has stored. It counts as missing. */
  onDamage(sequence: number): void;
  report(error: unknown): void;
}

const CHECKSUM_BYTES = 64; // of the header with the checksum, at most

/** Each target has one message, and a node replaces it only if it is the one that the change was made to. */
export class NatsPresence implements PresenceRecords {
  readonly #link: NatsLink;
  readonly #stream: string;
  readonly #records: SubjectValues<PresenceRecord>;
  readonly #messages: StreamMessages;
  readonly #watch: StreamWatch;
  readonly #requests: StoreRequests;
  readonly #linkListener: Disposable;
  #interruptions = 0;

  private constructor(link: NatsLink, info: StreamInfo, options: NatsPresenceOptions) {
    const { stream, onDamage } = options, name = presenceStream(stream);
    this.#link = link;
    this.#stream = stream;
    this.#requests = new StoreRequests(link, { closed: "the presence records are closed" });
    const damage = new Damage(onDamage);
    this.#records = new SubjectValues(link, { stream: name, schema: PresenceRecordSchema, damage });
    this.#messages = new StreamMessages(link, { stream: name, subject: allRecords(stream) });
    this.#watch = new StreamWatch(link, info, {
      ...options,
      config: presenceConfig(options),
      contents: "presence records",
      onLoss: (loss) => {
        this.#interruptions++;
        options.onLoss(loss);
      },
    });
    this.#linkListener = link.addListener({ onUp: () => void this.#interruptions++ });
  }

  /** @throws {StreamMismatchError} if the stream exists with another configuration */
  static async open(link: NatsLink, options: NatsPresenceOptions): Promise<NatsPresence> {
    const { info } = await ensureStream(link, presenceConfig(options));
    return new NatsPresence(link, info, options);
  }

  get interruptions(): number {
    return this.#interruptions;
  }

  async change(target: string, change: ChangeRecord): Promise<PresenceRecord> {
    const subject = recordSubject(this.#stream, target);
    return await this.#requests.make(() =>
      repeatUntilDone(async () => {
        const known = await this.#records.read(subject), record = known.value ?? NOBODY;
        const next = change(record);
        return next === record || await this.#replace(subject, { next, known }) ? next : CONFLICT;
      }, { ms: this.#link.requestMs })
    );
  }

  async *all(): AsyncGenerator<readonly [string, PresenceRecord], void> {
    this.#requests.require();
    try {
      for await (const message of this.#messages.from(1)) {
        const value = this.#records.parse(message);
        if (value !== null) yield [targetOfSubject(message.subject), value];
      }
    } catch (cause) {
      throw this.#requests.failure(cause);
    }
  }

  async close(): Promise<void> {
    this.#requests.close();
    this.#linkListener[Symbol.dispose]();
    await this.#watch.close();
  }

  /** Resolves to false if the record is not the known one any more. */
  async #replace(
    subject: string,
    { next, known }: { next: PresenceRecord; known: StoredValue<PresenceRecord> },
  ): Promise<boolean> {
    const isNew = known.sequence === 0;
    if (isEmptyRecord(next)) return isNew || await this.#records.remove(known.sequence);
    const bytes = messageBytes(subject, Buffer.byteLength(JSON.stringify(next))) + CHECKSUM_BYTES;
    if (isNew && !this.#watch.room.reserve(bytes)) throw new NoRoomError();
    try {
      return await this.#records.replace(subject, { value: next, after: known }) !== null;
    } catch (cause) {
      if (isNew && isApiError(cause, STREAM_FULL)) throw new NoRoomError({ cause });
      throw cause;
    }
  }
}
