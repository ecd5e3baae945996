/** Stores what a target has read: merges changes into its mark, together with whatever other nodes merge at once. */

import type { NatsLink } from "../../nats/link.ts";
import type { Position } from "../../wire/position.ts";
import type { Retention } from "../journal.ts";
import type { MarkReceipt, ReadChange, ReadMark } from "../read.ts";
import { readKept } from "./kept_reader.ts";
import { mergeMarks, readStateOf } from "./mark_merge.ts";
import { MarkQueues } from "./mark_queues.ts";
import type { Past, StreamRange } from "./past.ts";
import { publishAfter } from "../../nats/publish_after.ts";
import { CONFLICT, repeatUntilDone } from "../../nats/repeat_until_done.ts";
import type { RetentionMarkers } from "./retention_markers.ts";
import { parsePosition, stampedPosition } from "./stamp.ts";
import { outgoingMark, readMarkOf } from "./stored_mark.ts";
import type { TargetReader } from "./target_reader.ts";

export interface MarkWriterOptions {
  readonly stream: string;
  readonly retention: Pick<Retention, "seconds">;
  readonly entries: Pick<TargetReader, "markOf" | "kept" | "keptAt">;
  readonly past: Pick<Past, "locate">;
  readonly markers: Pick<RetentionMarkers, "ensure">;
  /** Requests the range from the leader. Rejects if the leader has not stored yet what this node already received. */
  range(): Promise<StreamRange>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** The mark of a target as it is stored, and the sequence number on which its next version depends. */
interface StoredMark {
  readonly mark: ReadMark;
  /** 0: the target has no mark. */
  readonly sequence: number;
}

const NO_CHANGE: ReadChange = { type: "read", positions: [] };

/** A mark is written only if it depends on the latest one. Otherwise another node was faster, and the merge is repeated. */
export class MarkWriter {
  readonly #link: NatsLink;
  readonly #options: MarkWriterOptions;
  readonly #queues: MarkQueues;
  #interruptions = 0; // a merge is valid only if this count does not change during it

  constructor(link: NatsLink, options: MarkWriterOptions) {
    this.#link = link;
    this.#options = options;
    this.#queues = new MarkQueues((target, changes) => this.#merge(target, changes));
  }

  async mark(target: string, change: ReadChange): Promise<MarkReceipt> {
    if (this.#options.retention.seconds === 0) return { outcome: "nothing is kept" };
    return await this.#queues.add(target, change);
  }

  /** Call this when the stream may have other messages under the same numbers. */
  forget(): void {
    this.#interruptions++;
    this.#queues.forget();
  }

  async #merge(target: string, changes: readonly ReadChange[]): Promise<readonly MarkReceipt[]> {
    const interruptions = this.#interruptions;
    return await repeatUntilDone(async () => {
      const [stored, range] = await Promise.all([this.#read(target), this.#options.range()]);
      const known = await Promise.all(changes.map((change) => this.#recognise(change, range)));
      const kept = await readKept(this.#options.entries, {
        target,
        state: readStateOf(stored.mark),
        changes: known,
        last: Math.max(range.last, stored.sequence), // everything that the mark may name
        now: this.#options.now(),
      });
      const { receipts, mark } = mergeMarks(stored.mark, { changes: known, kept });
      if (mark === null) return receipts;
      await this.#options.markers.ensure(this.#options.now()); // the marker must precede the mark
      if (interruptions !== this.#interruptions) throw new Error("the stream may have changed meanwhile");
      return await this.#write(target, { mark, sequence: stored.sequence }) ? receipts : CONFLICT;
    }, { ms: this.#link.requestMs });
  }

  async #read(target: string): Promise<StoredMark> {
    const stored = await this.#options.entries.markOf(target);
    return { mark: readMarkOf(stored, this.#options.now()), sequence: stored?.sequence ?? 0 };
  }

  /** Leaves out what is not of this stream. A position without a stamp, of version 0.1.0, gets one. */
  async #recognise(change: ReadChange, range: StreamRange): Promise<ReadChange> {
    if ("through" in change) {
      const through = await this.#options.past.locate(change.through, Promise.resolve(range));
      return through === null ? NO_CHANGE : { type: "read", through: stampedPosition(range.epoch, through) };
    }
    const isOfStream = (position: Position) => {
      const { epoch, sequence } = parsePosition(position);
      return epoch === range.epoch && sequence >= range.first && sequence <= range.last;
    };
    return { type: change.type, positions: change.positions.filter(isOfStream) };
  }

  /** Resolves to false if another node has written a mark meanwhile. */
  async #write(target: string, { mark, sequence }: StoredMark): Promise<boolean> {
    const { stream, now } = this.#options;
    const message = outgoingMark(mark, { stream, target, now: now() });
    return await publishAfter(this.#link, { ...message, last: sequence }) !== null;
  }
}
