/** The way from the sources into the journal: room in the feed first, so that what is accepted can be carried. */

import { type Draft, type Journal, type Receipt, UnavailableError } from "../journal/journal.ts";
import { unavailable } from "../wire/problem.ts";

/** What a source gets. Rejects with a problem: `unavailable`. */
export type Append = (drafts: readonly Draft[]) => Promise<readonly Receipt[]>;

/** As much of the channel behind the feed as has to be known here. */
export interface Room {
  readonly size: number;
  readonly capacity: number;
}

/** The way in. */
export interface Entrance {
  readonly append: Append;
  /** Resolves when nothing is being appended. What is kept in this process has been offered to the feed by then. */
  settled(): Promise<void>;
}

/** Appends to the journal what the feed has room for, until the service is stopping. */
export function appendTo(
  journal: Pick<Journal, "append">,
  { room, isDraining }: { room: Room; isDraining: () => boolean },
): Entrance {
  let appending = 0; // drafts
  let settling: PromiseWithResolvers<void> | undefined;
  async function append(drafts: readonly Draft[]): Promise<readonly Receipt[]> {
    if (isDraining()) throw unavailable("this node is stopping; nothing was accepted");
    if (room.size + appending + drafts.length > room.capacity) {
      throw unavailable("more is queued already than can be delivered at once; nothing was accepted");
    }
    appending += drafts.length;
    try {
      return await journal.append(drafts);
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      throw unavailable("some of it may be kept: repeat it with the same ids", { cause: error });
    } finally {
      appending -= drafts.length;
      if (appending === 0) {
        settling?.resolve();
        settling = undefined;
      }
    }
  }
  async function settled(): Promise<void> {
    while (appending > 0) await (settling ??= Promise.withResolvers<void>()).promise;
  }
  return { append, settled };
}
