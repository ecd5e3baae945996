/** The journal port: the ordered record of notifications. It carries them to this node and remembers them. */

import type { Position } from "../wire/position.ts";

/** How urgent a notification is, in the words of RFC 8030, section 5.3. */
export type Urgency = "very-low" | "low" | "normal" | "high";

/** One notification to one target, or to everyone, before the journal has given it a position. */
export interface Draft {
  /** 1 to 128 characters; shared by the drafts of one notification to several targets. */
  readonly id: string;
  /** Null is everyone. */
  readonly target: string | null;
  /** The publisher's JSON text of `data`, without raw line breaks. */
  readonly data: string;
  /** Seconds to keep it; null: as long as the journal keeps anything. 0: only for those live now. */
  readonly ttl: number | null;
  /** The journal keeps only the newest entry of a target and topic; nothing, if that has a `ttl` of 0. */
  readonly topic: string | null;
  readonly urgency: Urgency | null;
  /** A digest of what the publisher sent under this id of its own choice; null: the id is fresh, no repeat can come. */
  readonly digest: string | null;
}

/** A draft in its place. */
export interface Entry {
  readonly id: string;
  readonly position: Position;
  readonly target: string | null;
  readonly topic: string | null;
  /** Milliseconds since 1970, from when on it is not delivered any more; and whether its own `ttl` is the reason. */
  readonly expiresAt: number;
  readonly hasOwnTtl: boolean;
  /** The notification as browsers get it: one JSON object, encoded once, and its length in UTF-8 bytes. */
  readonly text: string;
  readonly bytes: number;
}

/**
 * What became of a draft. `kept`: it has this position now. `repeated`: the same was kept before, there.
 * `conflict`: its id was used for something else, and the draft is not kept.
 */
export type Receipt =
  | { readonly outcome: "kept" | "repeated"; readonly position: Position; readonly expiresAt: number }
  | { readonly outcome: "conflict" };

/** How much a journal remembers. `seconds: 0` is nothing: every notification is for those live now. */
export interface Retention {
  readonly seconds: number;
  /** Entries of one target, and of everyone. */
  readonly perTarget: number;
  /** Of UTF-8, in all. */
  readonly bytes: number;
}

/** At most so much in one page. At least one entry is given if `entries` allows it, however large it is. */
export interface PageLimit {
  readonly entries: number;
  readonly bytes: number;
}

/** Some entries, and how the reading goes on. */
export interface Page {
  readonly entries: readonly Entry[];
  /** Where this page ends: the position to read on from. With no entries, where it starts. */
  readonly next: Position;
  /** True if there are entries after `next`. */
  readonly more: boolean;
  /** False if the journal lost some, or cannot know: the page then starts at the oldest that it still holds. */
  readonly complete: boolean;
}

/** Rejects an append or a read that the journal cannot do now. Nothing is known of what an append left. */
export class UnavailableError extends Error {
  override readonly name = "Unavailable";
}

/**
 * The contract, which `tests/contracts/journal.ts` holds every adapter to. Called by the sources (`append`, once
 * a request), by admission (`follow` and `unfollow`, at a target's first and last connection) and by write pumps
 * that are behind (`read`, once a page).
 */
export interface Journal {
  /**
   * Durable when resolved: a receipt for each draft, in order. Every draft stands for itself; one in conflict
   * keeps no other out. Rejects with {@linkcode UnavailableError}: any of them may be kept, and repeating all with
   * the same ids completes them.
   */
  append(drafts: readonly Draft[]): Promise<readonly Receipt[]>;

  /** Resolves when no later entry of the target can miss the feed. Rejects with {@linkcode UnavailableError}. */
  follow(target: string): Promise<void>;

  /** The target's entries need not be offered to the feed any more. */
  unfollow(target: string): void;

  /**
   * The entries of the target and of everyone after a position, merged in the order of their positions, without
   * those that have expired, were replaced by a newer one of their topic, or had a `ttl` of 0. Sees every entry
   * that the feed was already offered. `after: null` is the head: no entries, and `next` is where new ones follow.
   * Rejects with {@linkcode UnavailableError}.
   */
  read(target: string, after: Position | null, limit: PageLimit): Promise<Page>;

  /** Ends what the journal has running; everything appended before is kept. */
  close(): Promise<void>;
}

/**
 * Where a journal offers new entries of the targets that it follows, and of everyone: synchronously, in the order
 * of their positions. The offer is a hint, `read` is the truth.
 */
export interface Feed {
  /** False if there was no room; the taker then treats the target as torn. */
  offer(entry: Entry): boolean;
  /**
   * Entries of the target (null: of any) may have been missed: whoever needs them has to read. Said before anything
   * later is offered to the same connections, for they read on after what they were sent last.
   */
  gap(target: string | null): void;
}
