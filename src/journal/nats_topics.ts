/** Topics: which ones a target has. Each is a subject of its own, where the newest rolls up the one before. */

import { isApiError } from "../nats/api_error.ts";
import type { NatsLink } from "../nats/link.ts";
import { tokenOf } from "../nats/subjects.ts";
import { WRONG_LAST_SEQUENCE } from "./nats_claims.ts";
import { namesStream } from "./nats_streams.ts";

/** What is noted of a target. */
interface Note {
  readonly topics: readonly string[];
  /** Whoever has not read up to here may have missed topics for which there was no room. */
  readonly lostThrough: number;
  /** Milliseconds since 1970. */
  readonly notedAt: number;
}

export interface TopicsOptions {
  readonly stream: string;
  /** How many are noted of a target. */
  readonly most: number;
  /** When a note is made anew: as late as it is certain to outlive all that is written until then. */
  readonly renewMs: number;
  /** The sequence number of the newest notification. */
  head(): Promise<number>;
}

/**
 * A reader has to know them: to have the server look for all subjects of a target takes it 40 ms with 100,000 targets
 * in the stream, and a subject that is known 0.05 ms.
 */
export class Topics {
  readonly #link: NatsLink;
  readonly #options: TopicsOptions;

  constructor(link: NatsLink, options: TopicsOptions) {
    this.#link = link;
    this.#options = options;
  }

  /** The topics of the target (null: of everyone). */
  async of(target: string | null): Promise<Pick<Note, "topics" | "lostThrough">> {
    return (await this.#read(target)).note;
  }

  /** Notes these topics of the target, before anything is sent under them. */
  async note(
    target: string | null,
    { topics, now }: { topics: readonly string[]; now: number },
  ): Promise<void> {
    for (;;) {
      const { note, sequence } = await this.#read(target);
      const isNoted = topics.every((topic) => note.topics.includes(topic));
      if (isNoted && note.notedAt + this.#options.renewMs > now) return;
      const all = [...note.topics.filter((topic) => !topics.includes(topic)), ...topics];
      const kept = all.slice(-this.#options.most);
      const lostThrough = kept.length < all.length ? await this.#options.head() : note.lostThrough;
      if (await this.#write(target, { note: { topics: kept, lostThrough, notedAt: now }, sequence })) return;
    }
  }

  #subject(target: string | null): string {
    return `${this.#options.stream}.topics.${target === null ? "e" : `t.${tokenOf(target)}`}`;
  }

  async #read(target: string | null): Promise<{ note: Note; sequence: number }> {
    const names = namesStream(this.#options.stream);
    const stored = await this.#link.manager.streams.getMessage(names, {
      last_by_subj: this.#subject(target),
    });
    if (stored === null) return { note: { topics: [], lostThrough: 0, notedAt: -Infinity }, sequence: 0 };
    return { note: stored.json<Note>(), sequence: stored.seq };
  }

  /** False: another was faster. */
  async #write(
    target: string | null,
    { note, sequence }: { note: Note; sequence: number },
  ): Promise<boolean> {
    try {
      const expect = { lastSubjectSequence: sequence };
      await this.#link.jetstream.publish(this.#subject(target), JSON.stringify(note), { expect });
      return true;
    } catch (error) {
      if (isApiError(error, WRONG_LAST_SEQUENCE)) return false;
      throw error;
    }
  }
}
