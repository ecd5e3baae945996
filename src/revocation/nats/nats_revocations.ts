/** The NATS store of revocations: all nodes keep them in one stream, and each has all of them in memory. */

import { Buffer } from "node:buffer";
import type { StreamInfo } from "@nats-io/jetstream";
import { UnavailableError } from "../../journal/journal.ts";
import type { NatsLink } from "../../nats/link.ts";
import { messageBytes, publishAfter } from "../../nats/publish_after.ts";
import { CONFLICT, repeatUntilDone } from "../../nats/repeat_until_done.ts";
import { serverTime } from "../../nats/server_time.ts";
import { StoreRequests } from "../../nats/store_requests.ts";
import { ensureStream } from "../../nats/streams.ts";
import { costOf, isCovered, keyOf, mergeRevocations, RevocationIndex } from "../revocation_index.ts";
import {
  EXPIRE_MS,
  type Revocation,
  type Revocations,
  type RevocationsOptions,
  type RevocationStats,
  type TokenIdentity,
} from "../revocations.ts";
import { RevocationFollower, type RevocationFollowerOptions } from "./revocation_follower.ts";
import {
  encodeRevocation,
  parseRevocation,
  revocationStream,
  revocationStreamConfig,
  revocationSubject,
} from "./revocation_stream.ts";

export type NatsRevocationsOptions =
  & RevocationsOptions
  & Omit<RevocationFollowerOptions, "onRevocation" | "known" | "restore">;

const FULL = "there is no room for more revocations";

/** A revocation is in effect on this node when it is stored, and on the others when they receive or read it. */
export class NatsRevocations implements Revocations {
  readonly #link: NatsLink;
  readonly #options: NatsRevocationsOptions;
  readonly #index = new RevocationIndex();
  readonly #sequences = new Map<string, number>(); // of the messages, by key
  readonly #follower: RevocationFollower;
  readonly #requests: StoreRequests;
  readonly #timer: ReturnType<typeof setInterval>;
  #expiring: Promise<void> | undefined;

  private constructor(link: NatsLink, info: StreamInfo, options: NatsRevocationsOptions) {
    this.#link = link;
    this.#options = options;
    this.#requests = new StoreRequests(link, { closed: "the revocations are closed", full: FULL });
    this.#follower = new RevocationFollower(link, info, {
      ...options,
      onRevocation: (revocation, sequence) => this.#learn(revocation, sequence),
      known: () => this.#index.all,
      restore: async (revocation) => void await this.#store(revocation),
    });
    this.#timer = setInterval(() => void this.#expire(), options.expireMs ?? EXPIRE_MS);
  }

  /**
   * Resolves when all revocations are known.
   *
   * @throws {StreamMismatchError} if the stream exists with another configuration
   */
  static async open(link: NatsLink, options: NatsRevocationsOptions): Promise<NatsRevocations> {
    const { info } = await ensureStream(link, revocationStreamConfig(options));
    const revocations = new NatsRevocations(link, info, options);
    try {
      await revocations.#follower.ready();
      return revocations;
    } catch (error) {
      await revocations.close();
      throw error;
    }
  }

  get isCurrent(): boolean {
    return this.#follower.isCurrent;
  }

  isRevoked(token: TokenIdentity): boolean {
    return this.#index.isRevoked(token);
  }

  stats(): RevocationStats {
    const { maxBytes } = this.#options, bytes = Math.max(this.#index.bytes, this.#follower.room.bytes);
    return { kept: this.#index.size, bytes, maxBytes };
  }

  async add<R extends Revocation>(revocation: R): Promise<R> {
    return await this.#requests.make(async () => {
      await this.#expire();
      return await this.#store(revocation);
    });
  }

  async close(): Promise<void> {
    this.#requests.close();
    clearInterval(this.#timer);
    await this.#expiring;
    await this.#follower.close();
  }

  async #store<R extends Revocation>(revocation: R): Promise<R> {
    const stream = revocationStream(this.#options.stream);
    const subject = revocationSubject(this.#options.stream, revocation);
    return await repeatUntilDone(async () => {
      const stored = await this.#link.manager.streams.getMessage(stream, { last_by_subj: subject });
      const found = stored === null ? undefined : parseRevocation(stored.string());
      const known = found === undefined ? undefined : { ...revocation, ...found };
      if (known !== undefined && isCovered(revocation, known)) {
        this.#learn(known, stored?.seq ?? 0);
        return known;
      }
      const next = known === undefined ? revocation : mergeRevocations(revocation, known);
      const payload = encodeRevocation(next), last = stored?.seq ?? 0;
      if (last === 0) this.#reserve(next, messageBytes(subject, Buffer.byteLength(payload)));
      const sequence = await publishAfter(this.#link, { subject, payload, last });
      if (sequence === null) return CONFLICT;
      this.#learn(next, sequence);
      return next;
    }, { ms: this.#link.requestMs });
  }

  /** What is known already, and lost in the stream, takes no more memory. */
  #reserve(revocation: Revocation, bytes: number): void {
    const { maxBytes } = this.#options, isKnown = this.#index.get(revocation) !== undefined;
    const hasMemory = isKnown || this.#index.bytes + costOf(revocation) <= maxBytes;
    if (!hasMemory || !this.#follower.room.reserve(bytes)) throw new UnavailableError(FULL);
  }

  /** Nothing that is known is taken back: an earlier message may be read after a later one was received. */
  #learn(revocation: Revocation, sequence: number): void {
    const key = keyOf(revocation), known = this.#index.get(revocation);
    this.#sequences.set(key, Math.max(sequence, this.#sequences.get(key) ?? 0));
    if (known !== undefined && isCovered(revocation, known)) return;
    const next = known === undefined ? revocation : mergeRevocations(revocation, known);
    this.#index.set(next);
    this.#options.onRevoked(next);
  }

  /** Never rejects: what cannot be forgotten now is forgotten later. */
  async #expire(): Promise<void> {
    if (this.#requests.isClosed || !this.#link.isUp || !this.#index.hasExpired(this.#options.now())) return;
    const forget = () => this.#link.rejectOnDisconnect(() => this.#forgetExpired());
    await (this.#expiring ??= forget().catch(() => {}).finally(() => this.#expiring = undefined));
  }

  /**
   * All nodes forget with this one, so its own clock must not decide alone: one that is ahead by an hour would make tokens
   * valid again. If a message stays in the stream, it is read at the next start, and removed then.
   */
  async #forgetExpired(): Promise<void> {
    const stream = revocationStream(this.#options.stream);
    const time = await serverTime(this.#link, stream);
    const expired = this.#index.expire(Math.min(time, this.#options.now()));
    await Promise.all(expired.map(async (revocation) => {
      const key = keyOf(revocation), sequence = this.#sequences.get(key) ?? 0;
      this.#sequences.delete(key);
      if (sequence > 0) {
        await this.#link.manager.streams.deleteMessage(stream, sequence, false).catch(() => {});
      }
    }));
    if (expired.length > 0) await this.#follower.look(); // at how much room there is now
  }
}
