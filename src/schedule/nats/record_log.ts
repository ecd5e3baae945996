/** RecordLog: reads and changes the newest message of a record, with the stream's leader as the judge of who was first. */

import { isApiError, STREAM_FULL } from "../../nats/api_error.ts";
import type { NatsLink } from "../../nats/link.ts";
import { publishAfter } from "../../nats/publish_after.ts";
import { headersOf, parseMessage, type RecordHead, type RecordMessage } from "./record_message.ts";
import { recordSubject, scheduleStream } from "./schedule_stream.ts";

/** The newest message of a record, with the content. */
export type FullMessage = RecordMessage & { readonly content: string };

export class RecordLog {
  readonly #link: NatsLink;
  readonly #stream: string;

  constructor(link: NatsLink, stream: string) {
    this.#link = link;
    this.#stream = stream;
  }

  /** Null if there is none. */
  async read(key: string): Promise<FullMessage | null> {
    const stored = await this.#link.manager.streams.getMessage(scheduleStream(this.#stream), {
      last_by_subj: recordSubject(this.#stream, key),
    });
    const message = stored === null ? undefined : parseMessage(stored);
    return stored === null || message === undefined ? null : { ...message, content: stored.string() };
  }

  /**
   * Writes a message, whose sequence number it returns. Resolves to null if `last` is not the sequence number of the
   * record's newest message (0: there is none) or is about to be replaced, and to "full" if the stream has no room.
   */
  async write(
    key: string,
    { head, content: payload, last }: { head: RecordHead; content: string; last: number },
  ): Promise<number | null | "full"> {
    const subject = recordSubject(this.#stream, key), headers = headersOf(head);
    try {
      return await publishAfter(this.#link, { subject, payload, headers, last });
    } catch (error) {
      if (isApiError(error, STREAM_FULL)) return "full";
      throw error;
    }
  }

  /** Removes a message that says nothing any more. If that fails, or another node was first, it does no harm. */
  async remove(sequence: number): Promise<void> {
    await this.#link.manager.streams.deleteMessage(scheduleStream(this.#stream), sequence, false)
      .catch(() => {});
  }
}
