/** Push records: keeps the pushes that notifications ask for, before the journal appends the notifications. */

import { pause } from "../async/pause.ts";
import type { Draft, Journal, PageLimit, Receipt, Retention } from "../journal/journal.ts";
import { UnavailableError } from "../journal/journal.ts";
import type { AddReceipt, Schedule, ScheduledRecord } from "../schedule/schedule.ts";
import { type PushDraft, toPush, toRecord } from "./push_record.ts";

export interface PushRecordsDeps {
  readonly journal: Pick<Journal, "read">;
  readonly schedule: Pick<Schedule, "add" | "cancel">;
  readonly reports: { pushed(push: { readonly id: string; readonly dueAt: number }): void };
  readonly retention: Pick<Retention, "seconds">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly report: (error: unknown) => void;
}

/** Call it with the receipts of the same drafts, in order. It resolves when no record is left that should not be. */
export type CorrectRecords = (receipts: readonly Receipt[]) => Promise<void>;

/** The record of a draft. */
interface DraftRecord {
  /** The index of the draft. */
  readonly index: number;
  /** The id of the notification. */
  readonly id: string;
  readonly record: ScheduledRecord;
}

interface KeptRecord extends DraftRecord {
  readonly receipt: AddReceipt | undefined;
}

const NOTHING: PageLimit = { entries: 0, bytes: 0 };
const MAX_REPLACE_MS = 5_000, REPLACE_EVERY_MS = 100;

/**
 * A record is written before the append, so that no crash in between loses a push. A record without a notification is
 * dropped when it is due. If an append fails, nobody knows what was appended, so the records stay.
 */
export class PushRecords {
  readonly #deps: PushRecordsDeps;

  constructor(deps: PushRecordsDeps) {
    this.#deps = deps;
  }

  /**
   * Keeps the pushes of drafts, some of which have one. Rejects with {@linkcode UnavailableError}; nothing is kept then.
   *
   * @param options `mayLack`: if there is no room for all pushes, it keeps those that have room, and reports it
   */
  async keep(drafts: readonly Draft[], { mayLack = false } = {}): Promise<CorrectRecords> {
    const kept = await this.#add(await this.#recordsOf(drafts), { mayLack });
    return async (receipts) => {
      await Promise.all(kept.map((one) => this.#correct(one, receipts[one.index])));
    };
  }

  async #recordsOf(drafts: readonly Draft[]): Promise<DraftRecord[]> {
    const { journal, retention, now } = this.#deps;
    const { next: after } = await journal.read(drafts[0]?.target ?? "", null, NOTHING);
    const addedAt = now();
    return drafts.flatMap((draft, index) => {
      const seconds = Math.min(draft.ttl ?? Infinity, retention.seconds);
      if (!isPushDraft(draft) || seconds <= draft.push.after) return []; // it is refused, unless it was scheduled before
      const push = toPush(draft, { after, addedAt, expiresAt: addedAt + 1000 * seconds });
      return { index, id: draft.id, record: toRecord(push, { digest: draft.digest ?? "", at: push.dueAt }) };
    });
  }

  async #add(
    records: readonly DraftRecord[],
    { mayLack }: { mayLack: boolean },
  ): Promise<readonly KeptRecord[]> {
    const receipts = await this.#deps.schedule.add(records.map(({ record }) => record));
    const kept = records.map((one, place) => ({ ...one, receipt: receipts[place] }));
    if (receipts.every(({ outcome }) => outcome !== "full")) return kept;
    if (mayLack) {
      this.#deps.report(new Error("scheduled notifications are sent without pushes: too many are waiting"));
      return kept.filter(({ receipt }) => receipt?.outcome !== "full");
    }
    const added = kept.filter(({ receipt }) => receipt?.outcome === "added");
    await Promise.all(added.map(({ record }) => this.#deps.schedule.cancel(record.key)));
    throw new UnavailableError("too many pushes are waiting");
  }

  async #correct({ id, record, receipt }: KeptRecord, appended: Receipt | undefined): Promise<void> {
    const { reports, schedule } = this.#deps;
    if (appended?.outcome !== "kept") {
      // The push of a repeat was kept when the notification was new, and may have been sent or withdrawn since.
      if (receipt?.outcome === "added") await schedule.cancel(record.key);
      return;
    }
    reports.pushed({ id, dueAt: record.dueAt });
    if (!this.#isOf(receipt)) await this.#replace(record);
  }

  /** True if the record that is kept is of the new notification, perhaps from a request that was cut off. */
  #isOf(receipt: AddReceipt | undefined): boolean {
    return receipt?.outcome === "added" ||
      (receipt?.outcome === "repeated" && receipt.dueAt > this.#deps.now());
  }

  /** The key is that of an earlier notification with the same id and target, whose push is being sent. */
  async #replace(record: ScheduledRecord): Promise<void> {
    const { schedule, report } = this.#deps;
    for (let ms = 0; ms < MAX_REPLACE_MS; ms += REPLACE_EVERY_MS) {
      await schedule.cancel(record.key);
      const [receipt] = await schedule.add([record]);
      if (receipt?.outcome === "added") return;
      await pause(REPLACE_EVERY_MS);
    }
    report(new Error("the push of a notification was not kept: one with the same id is still being sent"));
  }
}

function isPushDraft(draft: Draft): draft is PushDraft {
  return draft.push !== null && draft.target !== null;
}
