/** A node's NATS journal with a feed that records what it receives, for tests. */

import { assert, assertEquals } from "@std/assert";
import { errors } from "@nats-io/nats-core";
import type { Draft, Entry, Retention } from "../../../src/journal/journal.ts";
import { UnavailableError } from "../../../src/journal/journal.ts";
import type { StreamLoss } from "../../../src/nats/stream_loss.ts";
import { NatsJournal, type NatsJournalOptions } from "../../../src/journal/nats/nats_journal.ts";
import { NatsLink } from "../../../src/nats/link.ts";
import { parseNatsUrl } from "../../../src/nats/nats_url.ts";
import { eventually } from "../../eventually.ts";
import { PLAIN_DRAFT } from "../plain_draft.ts";

export const RETENTION: Retention = { seconds: 3_600, perTarget: 1_000, bytes: 16 * 1024 * 1024 };
export const OPTIONS: NatsJournalOptions = {
  stream: "tidings",
  replicas: 1,
  retention: RETENTION,
  checkMs: 20,
  onReachabilityChange: () => {},
  onLoss: () => {},
  onDamage: () => {},
  onPresence: () => {},
  report: () => {},
};

/** A page limit that allows everything. */
export const ALL = { entries: 10_000, bytes: 16 * 1024 * 1024 };

type JournalNodeOptions = Partial<NatsJournalOptions & { readonly requestMs: number }>;

export class JournalNode implements AsyncDisposable {
  /** The data of the notifications that the feed was offered. */
  readonly offered: string[] = [];
  /** The texts of the marks that the feed was offered. */
  readonly marks: string[] = [];
  /** The targets of the gaps that the feed was notified of. */
  readonly gaps: (string | null)[] = [];
  /** What the journal said was lost, as "STREAM REASON". */
  readonly losses: readonly string[];
  /** The numbers of messages that the journal said were damaged. */
  readonly damaged: readonly number[];
  /** The errors that the journal reported. */
  readonly reported: readonly string[];
  readonly journal: NatsJournal;
  readonly #link: NatsLink;
  #isReachable: boolean | undefined; // undefined before the first change

  private constructor(
    journal: NatsJournal,
    { link, losses, damaged, reported }: {
      link: NatsLink;
      losses: string[];
      damaged: number[];
      reported: string[];
    },
  ) {
    this.journal = journal;
    this.#link = link;
    this.losses = losses;
    this.damaged = damaged;
    this.reported = reported;
  }

  /** Opens a journal over the servers or proxies at these ports. */
  static async open(
    ports: number | readonly number[],
    { requestMs = 5_000, ...options }: JournalNodeOptions = {},
  ): Promise<JournalNode> {
    const url = parseNatsUrl([ports].flat().map((port) => `nats://127.0.0.1:${port}`).join());
    assert(url !== undefined);
    const link = await NatsLink.open(url, { name: "node", retryMs: 5, requestMs, report: () => {} });
    const losses: string[] = [], damaged: number[] = [], reported: string[] = [];
    const feed = {
      offer: ({ id, text }: Entry) =>
        (id === null ? node.marks.push(text) : node.offered.push(JSON.parse(text).data)) > 0,
      gap: (target: string | null) => void node.gaps.push(target),
    };
    const onReachabilityChange = (isReachable: boolean) => void (node.#isReachable = isReachable);
    const onLoss = ({ stream, reason }: StreamLoss) => void losses.push(`${stream} ${reason}`);
    const report = (error: unknown) => void reported.push(String(error));
    const onDamage = (sequence: number) => void damaged.push(sequence);
    const callbacks = { onReachabilityChange, onLoss, onDamage, report };
    const opening = NatsJournal.open(link, feed, { ...OPTIONS, ...options, ...callbacks });
    const journal = await opening.catch((error) => link.close().then(() => Promise.reject(error)));
    const node = new JournalNode(journal, { link, losses, damaged, reported });
    return node;
  }

  /** Resolves when the journal has reported that the stream is reachable, or that it is not. */
  async reachable(isReachable: boolean): Promise<void> {
    await eventually(() => this.#isReachable === isReachable, `reachable: ${isReachable}`);
  }

  /** Resolves when a check of the streams that begins from now on has ended. */
  async checked(): Promise<void> {
    const { streams } = this.#link.manager;
    const info = streams.info.bind(streams);
    let count = 0;
    streams.info = (name, ...options) => {
      if (name === "tidings-ids") count++;
      return info(name, ...options);
    };
    await eventually(() => count >= 2, "a check of the streams"); // the second begins after the first has ended
    streams.info = info;
  }

  /** Makes all checks of the streams fail until the returned disposable is disposed. */
  failChecks(): Disposable {
    const { streams } = this.#link.manager;
    const info = streams.info.bind(streams);
    streams.info = (name, ...options) =>
      name === "tidings-ids" ? Promise.reject(new errors.TimeoutError()) : info(name, ...options);
    return { [Symbol.dispose]: () => void (streams.info = info) };
  }

  /** Appends a notification for each target, and resolves with their data. */
  async append(...targets: (string | null)[]): Promise<string[]> {
    const drafts = targets.map((target) => draft(target));
    for (const { outcome } of await this.journal.append(drafts)) assertEquals(outcome, "kept");
    return drafts.map(({ data }) => JSON.parse(data));
  }

  /** The data of everything after a position. Fails if some of it is gone. */
  async read(target: string, after: string): Promise<unknown[]> {
    const { entries, complete } = await this.journal.read(target, after, ALL);
    assert(complete);
    return entries.map(({ text }) => JSON.parse(text).data);
  }

  async head(): Promise<string> {
    return (await this.journal.read("anyone", null, ALL)).next;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.journal.close();
    await this.#link.close();
  }
}

/** Repeats a request until the journal is available. */
export async function untilAvailable<T>(request: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await request();
    } catch (error) {
      assert(error instanceof UnavailableError, String(error));
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

let drafts = 0;

/** A draft whose id, and data by default, no other draft has. */
export function draft(target: string | null, more: Partial<Draft> = {}): Draft {
  const id = `n${++drafts}`;
  return {
    id,
    target,
    data: `"${id}"`,
    ...PLAIN_DRAFT,
    ...more,
  };
}
