/** Subscribes to the targets that have connections on this node, and passes their entries and gaps to the feed. */

import type { Msg, Subscription } from "@nats-io/nats-core";
import type { NatsLink } from "../../nats/link.ts";
import { deliveryPrefix, PRESENCE } from "../../nats/subjects.ts";
import { SharedRequests } from "../../async/shared_requests.ts";
import type { Feed, LateEntries } from "../journal.ts";
import type { StoredMessageInfo } from "./gap_scan.ts";
import { SequenceTracker } from "./sequence_tracker.ts";
import type { Damage } from "../../nats/damage.ts";
import { lateEntriesOf } from "./late_entries.ts";
import type { IncomingMessage } from "./message.ts";
import type { RecentMessages } from "./recent_messages.ts";
import { stampOf } from "./stamp.ts";
import { parseEntry } from "./stored_entry.ts";

/** Called with a message of another node about a target that this node follows too. */
export type PresenceListener = (target: string, data: Uint8Array) => void;

export interface InterestOptions {
  readonly stream: string;
  readonly retentionSeconds: number;
  /** The current epoch of the stream. */
  epoch(): string;
  /**
   * Resolves with the newest sequence number, when the leader of the stream has processed everything that was sent to it
   * before.
   */
  barrier(): Promise<number>;
  /** The messages that were received in order, by which the history of the stream is recognised. */
  readonly recent: RecentMessages;
  readonly damage: Damage;
  /** Called when a message arrives whose sequence number is not the highest so far. The stream may have gone back. */
  onDisorder(): void;
  readonly onPresence: PresenceListener;
}

/** A target (null: everyone) that is followed. */
interface FollowedTarget {
  readonly target: string | null;
  readonly subscription: Subscription;
  readonly tracker: SequenceTracker;
  readonly ready: Promise<void>;
}

export class Interest {
  readonly #link: NatsLink;
  readonly #feed: Feed;
  readonly #options: InterestOptions;
  readonly #followed = new Map<string | null, FollowedTarget>();
  /** The targets whose gap the feed learns of on resuming, each with what came late. */
  readonly #gaps = new Map<string | null, readonly LateEntries[]>();
  readonly #barriers = new SharedRequests<number>();
  #isSuspended = false;
  #newest = 0;
  #offered = 0; // the highest number that the feed was offered

  constructor(link: NatsLink, feed: Feed, options: InterestOptions) {
    this.#link = link;
    this.#feed = feed;
    this.#options = options;
  }

  /** The newest sequence number that this node received. */
  get newest(): number {
    return this.#newest;
  }

  /** Resolves when no later message of the target can miss this node. */
  follow(target: string | null): Promise<void> {
    const known = this.#followed.get(target);
    if (known !== undefined) return known.ready;
    const tracker = new SequenceTracker();
    const subject = `${deliveryPrefix(this.#options.stream, target)}.*`;
    const subscription = this.#link.connection.subscribe(subject, {
      callback: (error, message) => {
        if (error === null) this.#receive(followed, message);
      },
    });
    const ready = this.#barrier().then((head) => tracker.begin(head), (error) => {
      if (this.#followed.get(target) === followed) this.unfollow(target);
      throw error;
    });
    const followed: FollowedTarget = { target, subscription, tracker, ready };
    this.#followed.set(target, followed);
    return ready;
  }

  unfollow(target: string | null): void {
    const followed = this.#followed.get(target);
    if (!this.#link.connection.isClosed()) followed?.subscription.unsubscribe();
    this.#followed.delete(target);
    this.#gaps.delete(target);
  }

  /** Records a gap if this message of the stream should have been received and was not. */
  checkReceived({ target, lastToken, sequence }: StoredMessageInfo): void {
    const followed = this.#followed.get(target);
    if (followed?.tracker.detectMissing(lastToken, sequence)) this.#noteGap(target);
  }

  /**
   * Holds back all entries, because messages may be missing from now on. The messages of a target reveal nothing about
   * those to everyone, and a connection that was sent a later entry would never read the earlier one.
   */
  suspend(): void {
    this.#isSuspended = true;
    this.#options.recent.freeze();
  }

  /** Call this after the stream was scanned: the feed learns which targets missed messages or had some held back. */
  resume(): void {
    this.#isSuspended = false;
    this.#options.recent.unfreeze();
    for (const [target, late] of this.#gaps) {
      this.#feed.gap(target);
      for (const one of late) this.#feed.gap(target, one);
    }
    this.#gaps.clear();
  }

  /** Records a gap for all targets: any message up to `head` may be missing. The stream may be a new one. */
  restart(head: number): void {
    for (const { tracker } of this.#followed.values()) tracker.restart(head);
    this.#newest = this.#offered = 0;
    this.#gaps.clear(); // what came late may be from another stream
    this.#noteGap(null);
  }

  close(): void {
    for (const target of [...this.#followed.keys()]) this.unfollow(target);
  }

  /**
   * The barrier is a message that is published on the same connection as the subscription and takes the same route to
   * the leader of the stream. When the leader acks it, the leader knows the subscription. Requests to the JetStream API
   * take another way (NATS 2.10). All subscriptions of one turn of the event loop share a barrier.
   */
  #barrier(): Promise<number> {
    return this.#barriers.ask("", () => this.#options.barrier());
  }

  #receive({ target, tracker }: FollowedTarget, message: Msg): void {
    const lastToken = message.subject.slice(message.subject.lastIndexOf(".") + 1);
    if (lastToken === PRESENCE) {
      if (target !== null) this.#options.onPresence(target, message.data);
      return;
    }
    const header = message.headers;
    const sequence = Number(header?.get("Nats-Sequence"));
    const previous = Number(header?.get("Nats-Last-Sequence"));
    if (header === undefined || !(sequence > 0 && Number.isSafeInteger(sequence))) return; // it is not from the stream
    const wasSuspended = this.#isSuspended;
    if (sequence <= this.#newest && !wasSuspended) this.#options.onDisorder();
    const known = tracker.through(lastToken);
    const arrival = tracker.add({ lastToken, sequence, previous });
    if (arrival === "repeated") return;
    this.#newest = Math.max(this.#newest, sequence);
    const { epoch } = this.#options, offered = this.#offered;
    const late = sequence < offered || arrival === "gap"
      ? lateEntriesOf({ sequence, previous, known, offered }, { target, epoch: epoch() })
      : undefined;
    if (this.#isSuspended) return this.#holdBack(target, { late, wasSuspended });
    this.#options.recent.add({ sequence, stamp: stampOf(header) });
    if (arrival === "gap") this.#feed.gap(target, late);
    this.#offered = sequence;
    this.#offer({ target, lastToken, sequence, header, data: message.data });
  }

  /** What came late is read at once: a connection that ends before that resumes after the later message. */
  #holdBack(
    target: string | null,
    { late, wasSuspended }: { late: LateEntries | undefined; wasSuspended: boolean },
  ): void {
    if (wasSuspended || late === undefined) return this.#noteGap(target, late);
    this.#feed.gap(target, late);
    this.#noteGap(target);
  }

  #noteGap(target: string | null, late?: LateEntries): void {
    this.#gaps.set(target, [...this.#gaps.get(target) ?? [], ...late === undefined ? [] : [late]]);
  }

  /** For its connections, a damaged message is a gap: they read the journal, which tells them that they miss something. */
  #offer(message: IncomingMessage): void {
    const { epoch, retentionSeconds, damage } = this.#options;
    const entry = parseEntry(message, { epoch: epoch(), retentionSeconds });
    if (entry !== null) return void this.#feed.offer(entry);
    damage.note(message.sequence);
    this.#feed.gap(message.target);
  }
}
