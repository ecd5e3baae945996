/** Checks every second that the stream answers, and has it scanned for gaps after an interruption. */

import type { Subscription } from "@nats-io/nats-core";
import type { LinkListener, NatsLink } from "../../nats/link.ts";
import { plainMessage } from "../../nats/plain_message.ts";
import { StreamMismatchError } from "../../nats/streams.ts";
import { leaderElectedSubject } from "../../nats/subjects.ts";
import { GapScan, type GapScanOptions } from "./gap_scan.ts";
import type { JournalStreams, StreamCheck, StreamsCheck } from "./journal_streams.ts";
import type { RecentMessages } from "./recent_messages.ts";
import type { StampReader } from "./stamp_reader.ts";

/** What the monitor works with. */
export interface StreamMonitorDeps {
  readonly streams: JournalStreams;
  readonly stamps: StampReader;
  /** The messages by which the history of the stream is recognised. */
  readonly recent: RecentMessages;
  /** The highest sequence number that was received. */
  newest(): number;
}

/** `onMessage` is called between `onSuspend` and `onResume`, with each message that may be missing. */
export interface StreamMonitorOptions extends GapScanOptions {
  readonly intervalMs: number;
  /** Messages may be missing from now on. */
  onSuspend(): void;
  /** All missing messages are known. */
  onResume(): void;
  /**
   * Called between `onSuspend` and `onResume` if any message up to `head` may be missing, because the stream is a new
   * one or has lost its latest messages (`isLost`), or has too many messages to scan.
   */
  onRestart(head: number, cause: { readonly isLost: boolean }): Promise<void>;
  /** Called between `onSuspend` and `onResume` if records of topics are lost. */
  onTopicsLost(): Promise<void>;
  /** Called at each change. The stream is reachable when it answers and all missing messages are known. */
  onReachabilityChange(isReachable: boolean): void;
  report(error: unknown): void;
}

/** A server closes a connection that has taken nothing for 10 s, so anything older than this has arrived. */
const MAX_DELAY_MS = 15_000;

export class StreamMonitor implements LinkListener {
  readonly #link: NatsLink;
  readonly #deps: StreamMonitorDeps;
  readonly #options: StreamMonitorOptions;
  readonly #scan: GapScan;
  readonly #heads: number[] = []; // the last sequence numbers of the latest checks, oldest first
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #listening: Disposable;
  readonly #elections: Subscription;
  #isComplete = true; // all messages up to the latest head have arrived or were reported as missing
  #isReachable = true;
  #failure: unknown; // of the latest check; undefined if it succeeded
  #hasTopologyChanged = false; // since the last tick
  #interruptions = 0; // a check is valid only if this count does not change during it
  #checking: Promise<void> | undefined;
  #closed = false;

  constructor(link: NatsLink, deps: StreamMonitorDeps, options: StreamMonitorOptions) {
    this.#link = link;
    this.#deps = deps;
    this.#options = options;
    this.#scan = new GapScan(link, options);
    this.#heads.push(deps.streams.head);
    this.#listening = link.addListener(this);
    // The previous leader may have stored a message without sending it. The new one announces itself before it sends.
    this.#elections = link.connection.subscribe(leaderElectedSubject(options.stream), {
      callback: (error) => {
        if (error === null) this.restartCheck();
      },
    });
    this.#timer = setInterval(() => this.#tick(), options.intervalMs);
  }

  /** The reason if a stream was replaced by one that the journal cannot use. */
  get mismatch(): StreamMismatchError | undefined {
    return this.#failure instanceof StreamMismatchError ? this.#failure : undefined;
  }

  onDown(): void {
    this.#interrupt();
    this.#checking = undefined; // it will get no answer
    this.#setReachable(false);
  }

  onUp(): void {
    this.#check();
  }

  /** A route that ends loses the messages on it, and may be back before the next check. */
  onTopologyChange(): void {
    this.#hasTopologyChanged = true;
    this.restartCheck();
  }

  /** Checks at once. Call this when messages may be missing, or the stream may have another history. */
  restartCheck(): void {
    this.#interrupt();
    this.#checking = undefined;
    this.#check();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#listening[Symbol.dispose]();
    if (!this.#link.connection.isClosed()) this.#elections.unsubscribe();
    await this.#checking;
  }

  /** A request that was sent before a route was fully restored is never answered, so the check is restarted. */
  #tick(): void {
    if (this.#hasTopologyChanged && this.#checking !== undefined) this.restartCheck();
    else this.#check();
    this.#hasTopologyChanged = false;
  }

  #check(): void {
    if (!this.#link.isUp || this.#checking !== undefined) return;
    const checking = this.#checking = this.#runCheck().then((hasAnswered) => {
      if (this.#checking !== checking) return; // the check was restarted, so this answer is outdated
      this.#checking = undefined;
      if (!hasAnswered) this.#interrupt(); // the server that did not answer may be the leader, which sends the messages
      this.#setReachable(hasAnswered);
    });
  }

  /** Returns the number of interruptions, including this one. */
  #interrupt(): number {
    this.#isComplete = false;
    this.#options.onSuspend();
    return ++this.#interruptions;
  }

  /** Resolves to false if there was no valid answer. */
  async #runCheck(): Promise<boolean> {
    const { streams, newest } = this.#deps;
    let interruptions = this.#interruptions;
    try {
      const check = await streams.check(newest());
      // The request was sent before the subscriptions were restored, or to another leader.
      if (interruptions !== this.#interruptions) return false;
      const hasChanged = check.entries.state !== "same" || check.topics.state === "lost";
      if (hasChanged || check.hasOtherLeader) interruptions = this.#interrupt();
      if (!this.#isComplete) await this.#findGaps(check);
      if (interruptions !== this.#interruptions) return false;
      streams.accept(check);
      this.#failure = undefined;
      this.#options.onResume();
      this.#heads.push(check.entries.info.state.last_seq);
      if (this.#heads.length > MAX_DELAY_MS / this.#options.intervalMs) this.#heads.shift();
      return true;
    } catch (error) {
      this.#reportFailure(error);
      return false;
    }
  }

  /** Scans what was stored since the last time when all messages had certainly arrived. */
  async #findGaps({ entries, topics }: StreamsCheck): Promise<void> {
    this.#isComplete = true; // an interruption during the scan resets it
    if (entries.state === "behind") {
      throw new Error("the leader of the stream lacks messages that it had before");
    }
    const head = entries.info.state.last_seq;
    const isLost = entries.state === "lost" || await this.#isRolledBack(entries);
    if (isLost) this.#heads.length = 0;
    if (isLost || !await this.#scan.scan(this.#heads[0] ?? 0, head)) {
      await this.#options.onRestart(head, { isLost });
    }
    if (topics.state === "lost") await this.#options.onTopicsLost();
  }

  /** A store that was rolled back may be as long as before again, so the messages that are known here are compared. */
  async #isRolledBack({ info: { state } }: StreamCheck): Promise<boolean> {
    const { recent, stamps, streams } = this.#deps;
    const stampAt = (sequence: number) => stamps.at(sequence);
    if (await recent.areIn({ first: state.first_seq, stampAt })) return false;
    streams.noteRollback();
    return true;
  }

  /** Reports the same failure only once in a row. */
  #reportFailure(error: unknown): void {
    const message = plainMessage(error);
    const isKnown = this.#failure !== undefined && plainMessage(this.#failure) === message;
    this.#failure = error;
    if (!isKnown && !this.#closed) {
      this.#options.report(new Error(`the streams in NATS cannot be used: ${message}`));
    }
  }

  #setReachable(isReachable: boolean): void {
    if (this.#isReachable === isReachable || this.#closed) return;
    this.#isReachable = isReachable;
    this.#options.onReachabilityChange(isReachable);
  }
}
