/** When targets were last seen, in NATS: a stream has the newest time of each target, and forgets the oldest by itself. */

import { Semaphore } from "../../async/semaphore.ts";
import { Retries } from "../../async/retries.ts";
import type { NatsLink } from "../../nats/link.ts";
import { StoreRequests } from "../../nats/store_requests.ts";
import type { StreamLoss } from "../../nats/stream_loss.ts";
import { StreamWatch } from "../../nats/stream_watch.ts";
import { type EnsuredStream, ensureStream } from "../../nats/streams.ts";
import { ForgottenTargets } from "../forgotten_targets.ts";
import type { LastSeen, LastSeenOptions } from "../last_seen.ts";
import {
  lastSeenAge,
  lastSeenConfig,
  lastSeenStream,
  lastSeenSubject,
  type PresenceStreams,
} from "./presence_streams.ts";

export interface NatsLastSeenOptions extends PresenceStreams, LastSeenOptions {
  /** Interval between looks at whether the stream is still there, and between attempts to store. */
  readonly everyMs: number;
  /** Called when something that was stored is lost. */
  onLoss(loss: StreamLoss): void;
  report(error: unknown): void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const MAX_AT_ONCE = 64;
/** While NATS cannot be reached, no more than these wait. */
const MAX_UNSTORED = 100_000;

/** Milliseconds since 1970. */
const TIME = /^-?\d{1,14}$/;

export class NatsLastSeen implements LastSeen {
  readonly #link: NatsLink;
  readonly #options: NatsLastSeenOptions;
  readonly #watch: StreamWatch;
  readonly #requests: StoreRequests;
  readonly #forgotten: ForgottenTargets;
  readonly #turns = new Semaphore(MAX_AT_ONCE);
  readonly #retries: Retries;
  readonly #unstored = new Map<string, number>(); // the oldest first
  readonly #storing = new Map<string, Promise<void>>();
  readonly #publishing = new Map<string, Promise<boolean>>();
  readonly #stop = new AbortController();
  #isHurried = false; // what is not being stored yet is given up

  private constructor(link: NatsLink, { info }: EnsuredStream, options: NatsLastSeenOptions) {
    this.#link = link;
    this.#options = options;
    this.#requests = new StoreRequests(link, { closed: "the last seen times are closed" });
    this.#forgotten = new ForgottenTargets(options.now);
    const { signal } = this.#stop;
    this.#retries = new Retries({ ms: options.everyMs, atOnce: MAX_AT_ONCE, signal });
    this.#watch = new StreamWatch(link, info, {
      ...options,
      config: lastSeenConfig(options),
      contents: "last seen times",
      onLoss: (loss) => {
        void setAge(link, options); // it may be a new stream
        options.onLoss(loss);
      },
    });
  }

  /** @throws {StreamMismatchError} if the stream exists with another configuration */
  static async open(link: NatsLink, options: NatsLastSeenOptions): Promise<NatsLastSeen> {
    const age = lastSeenAge(options), ensured = await ensureStream(link, lastSeenConfig(options), age);
    if (ensured.info.config.max_age !== age.max_age) await setAge(link, options);
    return new NatsLastSeen(link, ensured, options);
  }

  saw(target: string, at: number): void {
    if (this.#stop.signal.aborted || this.#forgotten.has(target, at)) return;
    this.#unstored.set(target, Math.max(at, this.#unstored.get(target) ?? -Infinity));
    const [oldest = target] = this.#unstored.keys();
    if (this.#unstored.size > MAX_UNSTORED) this.#unstored.delete(oldest);
    if (!this.#storing.has(target)) this.#storing.set(target, this.#storeAll(target));
  }

  async of(target: string): Promise<number | null> {
    const at = this.#unstored.get(target) ?? await this.#read(target);
    return at + this.#options.keptMs > this.#options.now() ? at : null;
  }

  /** NaN: nothing is stored, or nothing that a node has. */
  async #read(target: string): Promise<number> {
    const stored = await this.#requests.make(() =>
      this.#link.manager.streams.getMessage(lastSeenStream(this.#options.stream), {
        last_by_subj: this.#subject(target),
      })
    );
    const text = stored?.string() ?? "";
    return TIME.test(text) ? Number(text) : NaN;
  }

  async forget(target: string): Promise<void> {
    this.#forgotten.add(target);
    this.#unstored.delete(target);
    await this.#publishing.get(target);
    const filter = this.#subject(target);
    await this.#requests.make(() =>
      this.#link.manager.streams.purge(lastSeenStream(this.#options.stream), { filter })
    );
  }

  async close(signal?: AbortSignal): Promise<void> {
    this.#stop.abort();
    signal?.addEventListener("abort", () => this.#isHurried = true, { once: true });
    this.#isHurried ||= signal?.aborted ?? false;
    await Promise.all(this.#storing.values());
    await this.#watch.close();
  }

  #subject(target: string): string {
    return lastSeenSubject(this.#options.stream, target);
  }

  /** Stores the newest time of the target, and whatever is seen meanwhile. After `close`, each is tried once. */
  async #storeAll(target: string): Promise<void> {
    const store = () => this.#storeNewest(target);
    while (this.#unstored.has(target)) {
      if (await this.#turns.run(store)) continue;
      if (this.#stop.signal.aborted) this.#unstored.delete(target);
      else await this.#retries.untilDone(store);
    }
    this.#storing.delete(target);
  }

  async #storeNewest(target: string): Promise<boolean> {
    const at = this.#unstored.get(target);
    if (at === undefined) return true; // it was forgotten
    const publishing = this.#publish(target, at);
    this.#publishing.set(target, publishing);
    const isStored = await publishing;
    this.#publishing.delete(target);
    if (isStored && this.#unstored.get(target) === at) this.#unstored.delete(target);
    return isStored;
  }

  /** Never rejects. Resolves to false if the time may not be stored. */
  async #publish(target: string, at: number): Promise<boolean> {
    if (this.#isHurried) return false;
    try {
      await this.#requests.make(() => this.#link.jetstream.publish(this.#subject(target), String(at)));
      return true;
    } catch {
      return false; // the watch reports it
    }
  }
}

async function setAge({ manager }: NatsLink, options: NatsLastSeenOptions): Promise<void> {
  const { stream, report } = options;
  await manager.streams.update(lastSeenStream(stream), lastSeenAge(options)).catch(report);
}
