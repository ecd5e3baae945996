/** Queues of changes, one for each target, so that the changes of a target are merged in the order of their calls. */

import type { MarkReceipt, ReadChange } from "../read.ts";

/** Merges changes of one target, one after the other. Resolves with a receipt for each when all are stored. */
export type MergeChanges = (
  target: string,
  changes: readonly ReadChange[],
) => Promise<readonly MarkReceipt[]>;

interface WaitingChange extends PromiseWithResolvers<MarkReceipt> {
  readonly change: ReadChange;
}

const MAX_WAITING = 256; // changes of one target

/** Changes that wait while others are merged are then merged together, so many at once cost little more than one. */
export class MarkQueues {
  readonly #merge: MergeChanges;
  readonly #queues = new Map<string, WaitingChange[]>();

  constructor(merge: MergeChanges) {
    this.#merge = merge;
  }

  /** Rejects at once if too many changes of the target wait. */
  async add(target: string, change: ReadChange): Promise<MarkReceipt> {
    const waiting: WaitingChange = { change, ...Promise.withResolvers<MarkReceipt>() };
    const queue = this.#queues.get(target);
    if (queue === undefined) {
      const started = [waiting];
      this.#queues.set(target, started);
      void this.#run(target, started);
    } else if (queue.length < MAX_WAITING) {
      queue.push(waiting);
    } else {
      throw new Error(`${MAX_WAITING} changes of what the target has read wait already`);
    }
    return await waiting.promise;
  }

  /** Lets later changes wait for no earlier ones. Call this when the earlier ones may get no answer. */
  forget(): void {
    this.#queues.clear();
  }

  async #run(target: string, queue: WaitingChange[]): Promise<void> {
    while (queue.length > 0) {
      const batch = queue.splice(0);
      try {
        const receipts = await this.#merge(target, batch.map(({ change }) => change));
        for (const [index, receipt] of receipts.entries()) batch[index]?.resolve(receipt);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    if (this.#queues.get(target) === queue) this.#queues.delete(target);
  }
}
