/** The watch: asks the stream every second how it is, and finds out what did not come when it was not well. */

import type { StreamInfo } from "@nats-io/jetstream";
import type { Subscription } from "@nats-io/nats-core";
import type { LinkEvents, NatsLink } from "../../nats/link.ts";
import { leaderElected } from "../../nats/subjects.ts";
import { GapScan, type GapScanOptions } from "./gap_scan.ts";
import { epochOf } from "./epoch.ts";
import { idsStream, topicsStream } from "./streams.ts";

/** While suspended, `audit` is told of each message that may not have come. */
export interface StreamMonitorOptions extends GapScanOptions {
  readonly everyMs: number;
  /** Told when something may begin to be missing, and when all that is missing has been told. */
  suspend(): void;
  resume(): void;
  /** Told, while suspended, when there are too many to look at, or the stream is another one: all may be missing. */
  tear(head: number): void;
  /** Told at each change whether the stream answers, and all that was missing is known to be. */
  reachable(isReachable: boolean): void;
  report(error: unknown): void;
}

const LATEST_MS = 15_000; // the server drops a line that has taken nothing for 10 s: what is older has come

export class StreamMonitor implements LinkEvents {
  readonly #link: NatsLink;
  readonly #options: StreamMonitorOptions;
  readonly #audit: GapScan;
  readonly #heads: number[] = []; // of the latest times, oldest first
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #telling: Disposable;
  readonly #elections: Subscription;
  #created: string;
  #leader: string | undefined;
  #isSound = true; // all has come until the latest of the heads, or was said not to have
  #isReachable = true;
  #isRegrouping = false; // since the last beat
  #doubts = 0; // how often something may have begun to be missing
  #looking: Promise<void> | undefined;
  #closed = false;

  constructor(link: NatsLink, info: StreamInfo, options: StreamMonitorOptions) {
    this.#link = link;
    this.#options = options;
    this.#audit = new GapScan(link, options);
    this.#created = info.created;
    this.#leader = info.cluster?.leader;
    this.#heads.push(info.state.last_seq);
    this.#telling = link.tell(this);
    // The leader before may have stored something that it has not sent any more: this one says so before it sends.
    this.#elections = link.connection.subscribe(leaderElected(options.stream), {
      callback: (error) => {
        if (error === null) this.#lookAnew();
      },
    });
    this.#timer = setInterval(() => this.#beat(), options.everyMs);
  }

  /** Of the stream as it was when this last looked. */
  get epoch(): string {
    return epochOf(this.#created);
  }

  down(): void {
    this.#doubt();
    this.#looking = undefined; // for an answer that will not come
    this.#becomes(false);
  }

  up(): void {
    this.#look();
  }

  /** A route that ends takes along what was on it, and may be back before the stream is asked again. */
  regrouped(): void {
    this.#isRegrouping = true;
    this.#lookAnew();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#telling[Symbol.dispose]();
    if (!this.#link.connection.isClosed()) this.#elections.unsubscribe();
    await this.#looking;
  }

  /** What was asked before a route was quite there again is never answered. */
  #beat(): void {
    if (this.#isRegrouping && this.#looking !== undefined) this.#lookAnew();
    else this.#look();
    this.#isRegrouping = false;
  }

  #look(): void {
    if (!this.#link.isUp || this.#looking !== undefined) return;
    const looking = this.#looking = this.#examine().then((answered) => {
      if (this.#looking !== looking) return; // there was a new doubt: this is an answer from before
      this.#looking = undefined;
      if (!answered) this.#doubt(); // who did not answer may have been the leader that should have sent
      this.#becomes(answered);
    });
  }

  #lookAnew(): void {
    this.#doubt();
    this.#looking = undefined;
    this.#look();
  }

  /** Which doubt this is. */
  #doubt(): number {
    this.#isSound = false;
    this.#options.suspend();
    return ++this.#doubts;
  }

  /** False: there was no answer. */
  async #examine(): Promise<boolean> {
    let doubts = this.#doubts;
    try {
      const { streams } = this.#link.manager;
      const { stream } = this.#options;
      const others = [idsStream(stream), topicsStream(stream)];
      const [info] = await Promise.all([streams.info(stream), ...others.map((other) => streams.info(other))]);
      if (doubts !== this.#doubts) return false; // asked before the subscriptions were there again, or of another leader
      const isSame = info.created === this.#created && info.cluster?.leader === this.#leader;
      if (!isSame) doubts = this.#doubt();
      if (!this.#isSound) await this.#find(info);
      if (doubts !== this.#doubts) return false;
      this.#options.resume();
      this.#heads.push(info.state.last_seq);
      if (this.#heads.length > LATEST_MS / this.#options.everyMs) this.#heads.shift();
      return true;
    } catch (error) {
      if (this.#isReachable && !this.#closed) this.#options.report(error);
      return false;
    }
  }

  /** What should have come since it last was certain that all had. */
  async #find(info: StreamInfo): Promise<void> {
    const { created, cluster, state } = info;
    this.#isSound = true; // unless it breaks once more while this looks
    const from = this.#heads[0] ?? 0;
    if (this.#isAnother(info) || state.last_seq < from) {
      this.#heads.length = 0;
      this.#options.tear(state.last_seq);
    } else if (!await this.#audit.look(from, state.last_seq)) {
      this.#options.tear(state.last_seq);
    }
    this.#created = created;
    this.#leader = cluster?.leader;
  }

  /** A leader never dates its stream anew; another one may know another date of the same. */
  #isAnother({ created, cluster }: StreamInfo): boolean {
    if (cluster?.leader === this.#leader) return created !== this.#created;
    return epochOf(created) !== this.epoch;
  }

  #becomes(isReachable: boolean): void {
    if (this.#isReachable === isReachable || this.#closed) return;
    this.#isReachable = isReachable;
    this.#options.reachable(isReachable);
  }
}
