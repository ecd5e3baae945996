/** TargetLists: which subscriptions a target may have, in the order of their age. What they are, their records say. */

import { z } from "zod";
import { isApiError, STREAM_FULL } from "../../nats/api_error.ts";
import { MAX_PER_TARGET, type NewSubscription } from "../subscriptions.ts";
import { listSubject } from "./push_stream.ts";
import { CONFLICT, repeatUntilDone } from "../../nats/repeat_until_done.ts";
import type { StoredValue, SubjectValues } from "../../nats/subject_values.ts";

/** A subscription, and the sequence number that its record had when it was put on the list. */
const ListEntry = z.tuple([z.string(), z.number()]).readonly();
export type ListEntry = z.infer<typeof ListEntry>;

/** The oldest first. */
export const TargetList = z.array(ListEntry).readonly();
export type TargetList = z.infer<typeof TargetList>;

export interface TargetListsOptions {
  /** The first token of all subjects. */
  readonly stream: string;
  readonly lists: Pick<SubjectValues<TargetList>, "read" | "replace" | "remove">;
  /** Reads the record of a subscription. */
  record(id: string): Promise<StoredValue<NewSubscription>>;
  /** How long a change is tried while other nodes are faster. */
  readonly requestMs: number;
}

/**
 * A record is written before it is put on a list. While nodes change the same subscription at once, a list may lack a
 * record that is about to be put there. So records are never judged by whether they are on a list, and what is taken off
 * is named by the sequence number of its record, which a newer one does not have.
 */
export class TargetLists {
  readonly #options: TargetListsOptions;

  constructor(options: TargetListsOptions) {
    this.#options = options;
  }

  async read(target: string): Promise<TargetList> {
    return (await this.#read(target)).value ?? [];
  }

  /**
   * Makes a subscription the newest of a target, in the place of the one with another id if that is given. Resolves with
   * those that were too many, whose records the caller has to remove.
   */
  async append(
    target: string,
    [id, sequence]: ListEntry,
    { instead }: { instead?: string | undefined } = {},
  ): Promise<TargetList> {
    return await this.#repeat(async () => {
      const after = await this.#read(target), all = after.value ?? [];
      const newest = Math.max(sequence, ...all.filter(([other]) => other === id).map(([, known]) => known));
      const others = all.filter(([other]) => other !== id && other !== instead);
      const { kept, dropped } = await this.#limit(target, others);
      const value = [...kept, [id, newest] as const];
      const isWritten = await this.#options.lists.replace(this.#subject(target), { value, after }) !== null;
      return isWritten ? dropped : CONFLICT;
    });
  }

  /** Takes a subscription off the list of a target, unless a newer record of it was put there. */
  async remove(target: string, [id, sequence]: ListEntry): Promise<void> {
    await this.#repeat(async () => {
      const after = await this.#read(target), all = after.value ?? [];
      const value = all.filter(([other, known]) => other !== id || known > sequence);
      if (value.length === all.length) return;
      const isChanged = value.length === 0
        ? await this.#options.lists.remove(after.sequence)
        : await this.#options.lists.replace(this.#subject(target), { value, after }).catch(ignoreFull) !==
          null;
      return isChanged ? undefined : CONFLICT;
    });
  }

  /** Removes the list of a target, with ids of records that are not its own any more. */
  async clear(target: string): Promise<void> {
    await this.#repeat(async () => {
      const { value, sequence } = await this.#read(target), ids = value ?? [];
      const records = await Promise.all(ids.map(([id]) => this.#options.record(id)));
      const hasOwn = records.some((record) => record.value?.target === target); // it was added meanwhile
      if (sequence === 0 || hasOwn || await this.#options.lists.remove(sequence)) return;
      return CONFLICT;
    });
  }

  /** Nine may stay besides a new one. Those go first that are not the target's any more, then the oldest. */
  async #limit(target: string, entries: TargetList): Promise<{ kept: TargetList; dropped: TargetList }> {
    if (entries.length < MAX_PER_TARGET) return { kept: entries, dropped: [] };
    const records = await Promise.all(entries.map(([id]) => this.#options.record(id)));
    const own = entries.filter((_, index) => records[index]?.value?.target === target);
    const count = Math.max(0, own.length - (MAX_PER_TARGET - 1));
    return { kept: own.slice(count), dropped: own.slice(0, count) };
  }

  async #read(target: string): Promise<StoredValue<TargetList>> {
    return await this.#options.lists.read(this.#subject(target));
  }

  #subject(target: string): string {
    return listSubject(this.#options.stream, target);
  }

  #repeat<T>(attempt: () => Promise<T | typeof CONFLICT>): Promise<T> {
    return repeatUntilDone(attempt, { ms: this.#options.requestMs });
  }
}

/** An id that stays on a list does not count, and goes when there are too many. */
function ignoreFull(error: unknown): undefined {
  if (!isApiError(error, STREAM_FULL)) throw error;
}
