/** The listings of presence records that a worker reads page by page, so that none of its messages is large. */

import type { PresenceRecord } from "../presence/presence_record.ts";
import type { PresenceRecords } from "../presence/presence_records.ts";

type ListedRecord = readonly [target: string, record: PresenceRecord];

/** A page of records takes the owner of the journal about a millisecond. */
const PAGE_RECORDS = 500;

export class PresenceListings {
  readonly #records: Pick<PresenceRecords, "all">;
  readonly #listings = new Map<number, AsyncIterator<ListedRecord>>();

  constructor(records: Pick<PresenceRecords, "all">) {
    this.#records = records;
  }

  /** Returns the next records of a listing, which begins with the first call. None: there are no more. */
  async next(listing: number): Promise<readonly ListedRecord[]> {
    const records = this.#listings.getOrInsertComputed(
      listing,
      () => this.#records.all()[Symbol.asyncIterator](),
    );
    const page: ListedRecord[] = [];
    while (page.length < PAGE_RECORDS) {
      const { done, value } = await records.next();
      if (done) break;
      page.push(value);
    }
    return page;
  }

  end(listing: number): void {
    this.#listings.delete(listing);
  }
}
