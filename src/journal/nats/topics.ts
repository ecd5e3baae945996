/** Topics: which ones a target has. Each is a subject of its own, where the newest rolls up the one before. */

import { isOvertaken } from "../../nats/api_error.ts";
import type { NatsLink } from "../../nats/link.ts";
import { tokenOf } from "../../nats/subjects.ts";
import { topicsStream } from "./streams.ts";

/** What is noted of a target. */
interface TopicNote {
  /** Each with when it was noted, in milliseconds since 1970; the latest is the last. */
  readonly topics: readonly (readonly [topic: string, notedAt: number])[];
  /** Whoever has not read up to here may have missed topics for which there was no room. */
  readonly completeAfter: number;
}

export interface TopicsOptions {
  readonly stream: string;
  /** How many are noted of a target. */
  readonly max: number;
  /** When a topic is noted anew, as long as a notification is kept: a note outlives all that is found by it. */
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
  async of(target: string | null): Promise<{ topics: readonly string[]; completeAfter: number }> {
    const { note: { topics, completeAfter } } = await this.#read(target);
    return { topics: topics.map(([topic]) => topic), completeAfter };
  }

  /** Notes these topics of the target, before anything is sent under them. Rejects if there is no room for the note. */
  async note(
    target: string | null,
    { topics, now }: { topics: readonly string[]; now: number },
  ): Promise<void> {
    const { renewMs, max, head } = this.#options;
    for (;;) {
      const { note, sequence } = await this.#read(target);
      const fresh = new Set(note.topics.filter(([, at]) => at + renewMs > now).map(([topic]) => topic));
      if (topics.every((topic) => fresh.has(topic))) return;
      const others = note.topics.filter(([topic, at]) => !topics.includes(topic) && at + 2 * renewMs > now);
      const all = [...others, ...topics.map((topic) => [topic, now] as const)];
      const kept = all.slice(-max);
      const completeAfter = kept.length < all.length ? await head() : note.completeAfter;
      if (await this.#write(target, { note: { topics: kept, completeAfter }, sequence })) return;
    }
  }

  #subject(target: string | null): string {
    return `${this.#options.stream}.topics.${target === null ? "e" : `t.${tokenOf(target)}`}`;
  }

  async #read(target: string | null): Promise<{ note: TopicNote; sequence: number }> {
    const stream = topicsStream(this.#options.stream);
    const stored = await this.#link.manager.streams.getMessage(stream, {
      last_by_subj: this.#subject(target),
    });
    if (stored === null) return { note: { topics: [], completeAfter: 0 }, sequence: 0 };
    return { note: stored.json<TopicNote>(), sequence: stored.seq };
  }

  /** False: another was faster. */
  async #write(
    target: string | null,
    { note, sequence }: { note: TopicNote; sequence: number },
  ): Promise<boolean> {
    try {
      const expect = { lastSubjectSequence: sequence };
      await this.#link.jetstream.publish(this.#subject(target), JSON.stringify(note), { expect });
      return true;
    } catch (error) {
      if (isOvertaken(error)) return false;
      throw error;
    }
  }
}
