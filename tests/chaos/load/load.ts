/** The load of one round: subscribers of every transport, some of which come and go, and publishers. */

import { publisher } from "../../../src/client/publisher/publisher.ts";
import { PUBLISHER_KEY, token } from "../../deploy/nodes.ts";
import { secondsFromNow } from "../../http/auth/signed_token.ts";
import { createRandom } from "../../random.ts";
import type { Stage } from "../stages/stage.ts";
import { EventTab } from "./event_tab.ts";
import { HttpPublisher } from "./http_publisher.ts";
import { Ledger } from "./ledger.ts";
import { type Outgoing, outgoing, TARGETS } from "./outgoing.ts";
import { SdkTab } from "./sdk_tab.ts";
import { SocketTab } from "./socket_tab.ts";
import { comeAndGo, pause, type Subscriber } from "./subscriber.ts";

const HTTP_PUBLISHERS = 4;
/** Of each publisher, one of which uses a socket: 200 notifications a second in all. */
const PERIOD_MS = 25;
const DEADLINE_MS = 60_000;
const DAY_SECONDS = 86_400;

/** The part of a stage that clients see. */
export type LoadedStage = Pick<Stage, "door" | "publisherDoor">;

export interface LoadOptions {
  /** Decides the targets and sizes of notifications, and when visitors come and go. */
  readonly seed: number;
  /** Begins the ids of all notifications, so that several loads of one node have different ones. */
  readonly name?: string;
  /** The time between two notifications of one publisher. */
  readonly periodMs?: number;
}

export class Load {
  readonly ledger = new Ledger();
  /** Subscribers that stay. */
  readonly residents: readonly Subscriber[];
  /** Subscribers that come and go. */
  readonly visitors: readonly Subscriber[];
  readonly #name: string;
  readonly #periodMs: number;
  readonly #port: number;
  readonly #publisherPort: number;
  readonly #late = new AbortController();
  readonly #visits = new AbortController();
  #visiting: Promise<unknown> = Promise.resolve();
  #publishing: Promise<unknown> = Promise.resolve();
  #isOver = false;

  private constructor(
    { door, publisherDoor = door }: LoadedStage,
    { tokens, name = "", periodMs = PERIOD_MS }: Omit<LoadOptions, "seed"> & { tokens: readonly string[] },
  ) {
    const { port } = door;
    this.#name = name;
    this.#periodMs = periodMs;
    const subscribers = () =>
      TARGETS.flatMap((target, n) =>
        [SocketTab, EventTab, SdkTab].map((Tab) => new Tab({ target, port, token: tokens[n] ?? "" }))
      );
    this.#port = port;
    this.#publisherPort = publisherDoor.port;
    this.residents = subscribers();
    this.visitors = subscribers().filter((_, n) => n % 2 === 0);
  }

  /** Resolves when all subscribers are connected and the publishers have begun. */
  static async start(stage: LoadedStage, { seed, ...options }: LoadOptions): Promise<Load> {
    const exp = secondsFromNow(10 * DAY_SECONDS); // whatever the clock of the service does
    const tokens = await Promise.all(TARGETS.map((target) => token(target, { exp })));
    const load = new Load(stage, { tokens, ...options });
    await Promise.all(load.subscribers.map((subscriber) => subscriber.arrive()));
    const signal = load.#visits.signal;
    load.#visiting = Promise.all(
      load.visitors.map((visitor, n) => comeAndGo(visitor, { random: createRandom(seed + n), signal })),
    );
    load.#publishing = Promise.all([
      ...Array.from({ length: HTTP_PUBLISHERS }, (_, n) => load.#post(`http${n}`, createRandom(seed - n))),
      load.#send("socket", createRandom(~seed)),
    ]);
    return load;
  }

  get subscribers(): readonly Subscriber[] {
    return [...this.residents, ...this.visitors];
  }

  /**
   * Stops the publishers when everything is accepted, and resolves when all subscribers have received what was sent
   * last, or with false if one has not in time.
   */
  async finish(): Promise<boolean> {
    this.#isOver = true;
    this.#visits.abort();
    const late = setTimeout(() => this.#late.abort(), DEADLINE_MS);
    await Promise.all([this.#publishing, this.#visiting]);
    clearTimeout(late);
    using last = new HttpPublisher(this.#port, this.ledger);
    const id = `${this.#name}end`;
    await last.publish({ id, target: null, body: { id, data: "", everyone: true } });
    const deadline = performance.now() + DEADLINE_MS;
    const isComplete = () => this.subscribers.every(({ log }) => log.has(id));
    while (!isComplete() && performance.now() < deadline) await pause(10);
    await Promise.all(this.subscribers.map((subscriber) => subscriber.leave()));
    return isComplete();
  }

  async #post(name: string, random: () => number): Promise<void> {
    using http = new HttpPublisher(this.#port, this.ledger);
    const all = outgoing(`${this.#name}${name}`, random);
    while (!this.#isOver) {
      await Promise.all([http.publish(all.next().value, this.#late.signal), pause(this.#periodMs)]);
    }
  }

  /** The publisher's SDK repeats by itself what is not answered. */
  async #send(name: string, random: () => number): Promise<void> {
    const { signal } = this.#late;
    await using tidings = publisher(`http://127.0.0.1:${this.#publisherPort}`, {
      key: PUBLISHER_KEY,
      signal,
    });
    const all = outgoing(`${this.#name}${name}`, random), calls: Promise<void>[] = [];
    const call = async ({ id, target, body }: Outgoing) => {
      const sentAt = performance.now();
      this.ledger.sent.set(id, target);
      const { position } = await tidings.notify(body);
      this.ledger.accepted.push({
        id,
        target,
        position: position ?? "",
        sentAt,
        acceptedAt: performance.now(),
      });
    };
    while (!this.#isOver) {
      calls.push(call(all.next().value).catch((error) => void this.ledger.refusals.push(`${error}`)));
      await pause(this.#periodMs);
    }
    await Promise.all(calls);
  }
}
