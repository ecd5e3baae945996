/** Checks every second that the stream answers, and has it scanned for gaps after an interruption. */

import type { StreamInfo } from "@nats-io/jetstream";
import type { Subscription } from "@nats-io/nats-core";
import type { LinkListener, NatsLink } from "../../nats/link.ts";
import { leaderElectedSubject } from "../../nats/subjects.ts";
import { GapScan, type GapScanOptions } from "./gap_scan.ts";
import { epochOf } from "./epoch.ts";
import { idsStream, topicsStream } from "./streams.ts";

/** `onMessage` is called between `onSuspend` and `onResume`, with each message that may be missing. */
export interface StreamMonitorOptions extends GapScanOptions {
  readonly intervalMs: number;
  /** Messages may be missing from now on. */
  onSuspend(): void;
  /** All missing messages are known. */
  onResume(): void;
  /**
   * Called between `onSuspend` and `onResume` if any message up to `head` may be missing, because the stream is a new
   * one or has too many messages to scan.
   */
  onRestart(head: number): void;
  /** Called at each change. The stream is reachable when it answers and all missing messages are known. */
  onReachabilityChange(isReachable: boolean): void;
  report(error: unknown): void;
}

/** A server closes a connection that has taken nothing for 10 s, so anything older than this has arrived. */
const MAX_DELAY_MS = 15_000;

export class StreamMonitor implements LinkListener {
  readonly #link: NatsLink;
  readonly #options: StreamMonitorOptions;
  readonly #scan: GapScan;
  readonly #heads: number[] = []; // the last sequence numbers of the latest checks, oldest first
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #listening: Disposable;
  readonly #elections: Subscription;
  #created: string;
  #leader: string | undefined;
  #isComplete = true; // all messages up to the latest head have arrived or were reported as missing
  #isReachable = true;
  #hasTopologyChanged = false; // since the last tick
  #interruptions = 0; // a check is valid only if this count does not change during it
  #checking: Promise<void> | undefined;
  #closed = false;

  constructor(link: NatsLink, info: StreamInfo, options: StreamMonitorOptions) {
    this.#link = link;
    this.#options = options;
    this.#scan = new GapScan(link, options);
    this.#created = info.created;
    this.#leader = info.cluster?.leader;
    this.#heads.push(info.state.last_seq);
    this.#listening = link.addListener(this);
    // The previous leader may have stored a message without sending it. The new one announces itself before it sends.
    this.#elections = link.connection.subscribe(leaderElectedSubject(options.stream), {
      callback: (error) => {
        if (error === null) this.#restartCheck();
      },
    });
    this.#timer = setInterval(() => this.#tick(), options.intervalMs);
  }

  /** The epoch of the stream at the last check. */
  get epoch(): string {
    return epochOf(this.#created);
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
    this.#restartCheck();
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
    if (this.#hasTopologyChanged && this.#checking !== undefined) this.#restartCheck();
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

  #restartCheck(): void {
    this.#interrupt();
    this.#checking = undefined;
    this.#check();
  }

  /** Returns the number of interruptions, including this one. */
  #interrupt(): number {
    this.#isComplete = false;
    this.#options.onSuspend();
    return ++this.#interruptions;
  }

  /** Resolves to false if there was no valid answer. */
  async #runCheck(): Promise<boolean> {
    let interruptions = this.#interruptions;
    try {
      const info = await this.#requestInfo();
      // The request was sent before the subscriptions were restored, or to another leader.
      if (interruptions !== this.#interruptions) return false;
      const isSame = info.created === this.#created && info.cluster?.leader === this.#leader;
      if (!isSame) interruptions = this.#interrupt();
      if (!this.#isComplete) await this.#findGaps(info);
      if (interruptions !== this.#interruptions) return false;
      this.#options.onResume();
      this.#heads.push(info.state.last_seq);
      if (this.#heads.length > MAX_DELAY_MS / this.#options.intervalMs) this.#heads.shift();
      return true;
    } catch (error) {
      if (this.#isReachable && !this.#closed) this.#options.report(error);
      return false;
    }
  }

  /** The journal needs all of its streams, so they all have to answer. */
  async #requestInfo(): Promise<StreamInfo> {
    const { streams } = this.#link.manager;
    const { stream } = this.#options;
    const others = [idsStream(stream), topicsStream(stream)];
    const [info] = await Promise.all([streams.info(stream), ...others.map((other) => streams.info(other))]);
    return info;
  }

  /** Scans what was stored since the last time when all messages had certainly arrived. */
  async #findGaps(info: StreamInfo): Promise<void> {
    const { created, cluster, state } = info;
    this.#isComplete = true; // an interruption during the scan resets it
    const from = this.#heads[0] ?? 0;
    if (this.#isNewStream(info) || state.last_seq < from) {
      this.#heads.length = 0;
      this.#options.onRestart(state.last_seq);
    } else if (!await this.#scan.scan(from, state.last_seq)) {
      this.#options.onRestart(state.last_seq);
    }
    this.#created = created;
    this.#leader = cluster?.leader;
  }

  /** A leader never changes the date of its stream, but another leader may know another date of the same stream. */
  #isNewStream({ created, cluster }: StreamInfo): boolean {
    if (cluster?.leader === this.#leader) return created !== this.#created;
    return epochOf(created) !== this.epoch;
  }

  #setReachable(isReachable: boolean): void {
    if (this.#isReachable === isReachable || this.#closed) return;
    this.#isReachable = isReachable;
    this.#options.onReachabilityChange(isReachable);
  }
}
