/** The journal port: the ordered record that remembers notifications and carries them to this node. */

import type { PushRequest } from "../push/push_request.ts";
import type { Position } from "../wire/position.ts";
import type { TraceContext } from "../wire/trace_context.ts";
import type { JournalStats } from "./journal_stats.ts";
import type { InboxPage, MarkReceipt, ReadChange } from "./read.ts";

/** How urgent a notification is (RFC 8030, section 5.3). */
export type Urgency = "very-low" | "low" | "normal" | "high";

/** One notification for one target, or for everyone, before the journal has given it a position. */
export interface Draft {
  /** 1 to 128 UTF-16 units. A notification to several targets has one draft per target, all with the same id. */
  readonly id: string;
  /** 1 to 256 UTF-16 units; null: everyone. */
  readonly target: string | null;
  /** The publisher's JSON text of `data`, without raw line breaks. */
  readonly data: string;
  /** Retention in seconds; null: the journal's retention. With 0, only live connections receive it. */
  readonly ttl: number | null;
  /** The journal keeps only the newest entry of a target and topic. With a `ttl` of 0, it keeps neither. */
  readonly topic: string | null;
  readonly urgency: Urgency | null;
  /** The push that follows unless the target acks or reads the notification in time; null: none. Never for everyone. */
  readonly push: PushRequest | null;
  /**
   * A digest of the notification's content, by which the journal recognises a repeated id. Null: the id was
   * generated for this request, so it cannot be a repeat.
   */
  readonly digest: string | null;
  /** The trace context of the publisher, which is part of the message that browsers receive. Missing: it sent none. */
  readonly trace?: TraceContext;
  /** The span of this service that the delivery continues, as a `traceparent`. Missing unless spans are recorded. */
  readonly span?: string;
}

/** A notification, or a mark of what has been read, at its position in the journal. */
export interface Entry {
  /** Null: the entry is a mark. It is no notification, so nobody acks, counts or lists it. */
  readonly id: string | null;
  readonly position: Position;
  /** Null: everyone. */
  readonly target: string | null;
  readonly topic: string | null;
  /** Milliseconds since 1970. From then on, `read` does not return the entry. */
  readonly expiresAt: number;
  /** True if the entry's own `ttl` set `expiresAt`. Its expiry then does not make a page incomplete. */
  readonly hasOwnTtl: boolean;
  /** True if a push follows unless the target acks or reads the notification in time. */
  readonly hasPush: boolean;
  /** The message that browsers receive: one JSON object, encoded once for all connections. */
  readonly text: string;
  /** The length of `text` in bytes of UTF-8. */
  readonly bytes: number;
  /** The `span` of the draft, if it had one. Entries that are read from a file have none. */
  readonly span?: string;
}

/**
 * The result for one draft.
 *
 * - `kept`: the draft is new and now has this position.
 * - `repeated`: the same id with the same content was accepted before, at this position.
 * - `conflict`: the id was used for other content, so the draft was not accepted.
 *
 * `expiresAt` is in milliseconds since 1970.
 */
export type Receipt =
  | { readonly outcome: "kept" | "repeated"; readonly position: Position; readonly expiresAt: number }
  | { readonly outcome: "conflict" };

/** How much a journal remembers. */
export interface Retention {
  /** The longest time that an entry is kept. With 0, nothing is kept: only live connections receive entries. */
  readonly seconds: number;
  /** The maximum number of notifications for each target, and also for everyone. */
  readonly perTarget: number;
  /** The maximum sum of all entries' `bytes`. */
  readonly bytes: number;
}

/** The maximum size of a page. */
export interface PageLimit {
  readonly entries: number;
  /** The sum of the entries' `bytes`. The first entry is returned even if it alone exceeds this. */
  readonly bytes: number;
}

/** A part of what a target has missed. */
export interface Page {
  /** In the order of their positions. */
  readonly entries: readonly Entry[];
  /** The position to continue from: that of the last entry, or, without entries, where the page starts. */
  readonly next: Position;
  /** True if there are more entries after `next`. */
  readonly more: boolean;
  /** False if entries are, or may be, missing: the page then starts at the oldest entry that is still kept. */
  readonly complete: boolean;
  /**
   * Of an incomplete page: the number is the same on all pages of a target that may lack the same entries, so a reader
   * needs to report them only once. Undefined if what is missing concerns this page alone.
   */
  readonly lossThrough?: number;
}

/** The journal cannot do this at the moment. The caller may try again later. */
export class UnavailableError extends Error {
  override readonly name = "UnavailableError";
}

/**
 * The contract of all journals. `tests/contracts/journal.ts` tests it, and every adapter runs that suite.
 *
 * Methods may be called concurrently until `close`. A journal is created with a {@linkcode Feed}, to which it
 * offers new entries. This function, for example, reads everything that is kept for a target:
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { OLDEST } from "../wire/position.ts";
 * import { MemoryJournal } from "./memory.ts";
 *
 * async function readAll(journal: Pick<Journal, "read">, target: string): Promise<Entry[]> {
 *   const entries: Entry[] = [];
 *   for (let after = OLDEST, more = true; more;) {
 *     const page = await journal.read(target, after, { entries: 2, bytes: 65_536 });
 *     entries.push(...page.entries);
 *     ({ next: after, more } = page);
 *   }
 *   return entries;
 * }
 *
 * const retention = { seconds: 3600, perTarget: 1000, bytes: 1024 * 1024 };
 * const journal: Journal = new MemoryJournal({ offer: () => true, gap: () => {} }, retention);
 * const draft = { target: "alexander", ttl: null, topic: null, urgency: null, push: null, digest: null };
 * await journal.append(["1", "2", "3"].map((id) => ({ ...draft, id, data: '"Hello"' })));
 * assertEquals((await readAll(journal, "alexander")).map(({ id }) => id), ["1", "2", "3"]);
 * await journal.close();
 * ```
 */
export interface Journal {
  /**
   * Accepts drafts. The sources call it once per request, with 1 to 10,000 drafts.
   *
   * The promise resolves with a receipt for each draft, in order, when all of them are as durable as the adapter
   * makes them. By then, the feed of this node has been offered those that it follows. Positions ascend in the order
   * of the drafts, and from one append to the next. Each draft stands alone: a conflict does not affect the others.
   *
   * Rejects with {@linkcode UnavailableError}. Any of the drafts may have been accepted then. Appending all of them
   * again with the same ids and digests accepts those that are missing.
   */
  append(drafts: readonly Draft[]): Promise<readonly Receipt[]>;

  /**
   * Makes the journal offer the target's entries to the feed. Admission calls it at a target's first connection.
   *
   * The promise resolves when the feed will receive every later entry of the target, or a gap instead. Rejects
   * with {@linkcode UnavailableError}; the target is then not followed.
   */
  follow(target: string): Promise<void>;

  /** Ends `follow`. Admission calls it some time after the target's last connection has closed. */
  unfollow(target: string): void;

  /**
   * Reads a page of the entries of the target and of everyone, merged in the order of their positions. A write pump
   * calls it once when its connection starts, and once per page while the connection is behind; the route that lists
   * a target's notifications calls it once per request.
   *
   * A page has no entries that have expired, that a newer one of their topic has replaced, or that had a `ttl` of 0.
   * It has every other entry after `after` that the feed was offered before the call.
   *
   * With `after: null`, the page is empty, and its `next` is the head: the position after which new entries follow.
   * With `limit.entries: 0`, the page is empty too, and `next` is where reading starts: at `after` if the journal
   * knows that position and holds everything since, otherwise before the oldest entry that is still kept.
   *
   * Rejects with {@linkcode UnavailableError}.
   */
  read(target: string, after: Position | null, limit: PageLimit): Promise<Page>;

  /**
   * Merges a change into what the target has read. Unless that changes nothing, the new state becomes an entry of the
   * target's stream, a mark, which replaces the one before it: it is offered to the feed, and `read` returns it. A mark
   * is kept for as long as a notification that is appended at the same time, so it outlives all that it speaks of.
   *
   * Changes are merged one after the other, in the order of the calls on this node, so none of several at once is lost.
   * The intake calls it once for each mark of a browser or a publisher. The promise resolves when the mark is as durable
   * as an append. Rejects with {@linkcode UnavailableError}; the change may have been merged then, and may be repeated.
   */
  mark(target: string, change: ReadChange): Promise<MarkReceipt>;

  /**
   * Reads a page of the target's and everyone's notifications, the newest first: those before a position, or (null) the
   * newest of all. The routes for inboxes call it once per request. With `limit.entries: 0` it has none, and only what
   * the target has read. Rejects with {@linkcode UnavailableError}.
   */
  inbox(target: string, before: Position | null, limit: PageLimit): Promise<InboxPage>;

  /**
   * Erases what is kept of a target: its notifications and its mark, and its name. What is for everyone stays. The
   * promise resolves when nothing of it can be read any more. A notification that is appended meanwhile is
   * erased or kept as a whole. From then on, a page after an earlier position is incomplete, and those of other targets
   * are what they were. A repeat of what was erased is still a repeat. What the feed was offered, it may still have.
   *
   * The route that erases a target has each node call it. Rejects with {@linkcode UnavailableError}; a part may be erased
   * then, and a repeat erases the rest.
   */
  forget(target: string): Promise<void>;

  /**
   * Returns what the journal keeps, at once and from memory, also while the journal is not available. The metrics call it
   * once per reading, so an adapter must not send a request for it. What it knows may be some seconds old.
   */
  stats(): JournalStats;

  /** Stops everything that the journal runs. The backend calls it once; what was appended before is kept. */
  close(): Promise<void>;
}

/** Entries that a connection may miss although it was sent entries with higher positions. */
export interface LateEntries {
  /** Null: everyone. */
  readonly target: string | null;
  /** The position after which `read` finds them. */
  readonly after: Position;
  /** They are from this position on. */
  readonly from: Position;
  /** They are up to this position, or to one that begins with it. */
  readonly through: Position;
}

/**
 * Where a journal offers new entries: those of the targets that it follows, and those for everyone. The methods are
 * synchronous, and entries are offered in the order of their positions. An offer is only a hint, which may be lost;
 * `read` is the truth.
 */
export interface Feed {
  /** Returns false if there is no room for the entry. The feed then treats this as a gap of the entry's target. */
  offer(entry: Entry): boolean;

  /**
   * Reports that entries of the target (null: of any target) may be missing, so that its connections read the
   * journal. The journal must call it before it offers a later entry to the same connections, because they resume
   * after the last entry that they were sent.
   *
   * @param late what may be missing although later entries were offered before
   */
  gap(target: string | null, late?: LateEntries): void;
}
