/** MessageReviser: changes the records in the stream that are not done, as their owner decides. */

import { UnavailableError } from "../../journal/journal.ts";
import type { NatsLink } from "../../nats/link.ts";
import { overwriteMessage } from "../../nats/overwrite_message.ts";
import { StreamCursor } from "../../nats/stream_cursor.ts";
import { kindOf, MAX_REVISION_MS, type Revision } from "../schedule.ts";
import type { FullMessage, RecordLog } from "./record_log.ts";
import { parseMessage, type RecordMessage } from "./record_message.ts";
import { allRecords, scheduleStream } from "./schedule_stream.ts";

export interface MessageReviserDeps {
  readonly stream: string;
  readonly log: Pick<RecordLog, "read">;
  /** Stores another content of a record that waits. Resolves to null if the record has another message by now. */
  readonly change: (message: FullMessage, content: string) => Promise<RecordMessage | null>;
  /** Called when a record is gone. */
  readonly onRemoved: (key: string) => void;
}

const POLL_MS = 20;
const REQUESTS = 32; // at a time

export class MessageReviser {
  readonly #link: NatsLink;
  readonly #deps: MessageReviserDeps;

  constructor(link: NatsLink, deps: MessageReviserDeps) {
    this.#link = link;
    this.#deps = deps;
  }

  /** Does what `Schedule.revise` does. The keys that it is concerned with and that are gone, it also removes. */
  async revise(
    kind: string,
    { known, ...revision }: Revision & { readonly known: readonly string[] },
  ): Promise<void> {
    const end = performance.now() + MAX_REVISION_MS;
    const keys = new Set([...known, ...await this.#keysOf(kind)].filter((key) => revision.isConcerned(key)));
    while (keys.size > 0) {
      for (const some of chunksOf([...keys])) {
        const done = await Promise.all(some.map((key) => this.#reviseOne(key, revision)));
        some.forEach((key, index) => done[index] && keys.delete(key));
      }
      if (keys.size === 0) return;
      if (performance.now() > end) throw new UnavailableError("what is scheduled is being sent: try again");
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** Resolves to false if the record has to be looked at again. */
  async #reviseOne(key: string, revision: Revision): Promise<boolean> {
    const message = await this.#deps.log.read(key);
    if (message === null || message.state === "cancelled") {
      this.#deps.onRemoved(key);
      return true;
    }
    if (message.state === "done") return true;
    const next = await revision.revise(message);
    if (next === message.content) return true;
    if (message.state === "taken") return false;
    if (next !== null) return await this.#deps.change(message, next) !== null;
    // Whoever takes the record depends on its message, so the deletion decides who was first.
    const place = { stream: scheduleStream(this.#deps.stream), sequence: message.sequence };
    if (!await overwriteMessage(this.#link, place) || await this.#deps.log.read(key) !== null) return false;
    this.#deps.onRemoved(key);
    return true;
  }

  /** The keys of all records in the stream, of which this node may not know yet. */
  async #keysOf(kind: string): Promise<string[]> {
    const keys: string[] = [], stream = scheduleStream(this.#deps.stream);
    const { state } = await this.#link.manager.streams.info(stream);
    const cursor = new StreamCursor(this.#link, {
      stream,
      subject: allRecords(this.#deps.stream),
      headersOnly: true,
      onMessage: (stored) => {
        const message = parseMessage(stored);
        if (message !== undefined && kindOf(message.key) === kind && message.state !== "done") {
          keys.push(message.key);
        }
      },
      isClosed: () => false,
    });
    await cursor.readThrough(state.last_seq);
    return keys;
  }
}

function* chunksOf(keys: readonly string[]): Generator<readonly string[]> {
  for (let from = 0; from < keys.length; from += REQUESTS) yield keys.slice(from, from + REQUESTS);
}
