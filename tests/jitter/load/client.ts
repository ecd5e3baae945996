/** A client whose connection is cut now and then, and that reconnects as its server's own clients do. */

import { delay } from "../../bench/load/delay.ts";
import type { Cut } from "./cuts.ts";
import type { Dialect, Ear, Message } from "./dialect.ts";
import { Line } from "./line.ts";
import type { Log } from "./log.ts";
import { Receipts } from "./receipts.ts";

export interface ClientOptions {
  readonly port: number;
  readonly dialect: Dialect;
  readonly log: Log;
  /** Returns the milliseconds after which it tries again, when the server has refused or closed. */
  readonly retryMs: () => number;
}

export class Client implements Ear {
  readonly #options: ClientOptions;
  readonly #receipts: Receipts;
  #ready = Promise.withResolvers<void>();
  #line: Line | null = null;
  /** Changes with each cut, so that no attempt from before a cut goes on after it. */
  #visit = 0;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#receipts = new Receipts(options.log);
  }

  /** Connects, and resolves when the client is subscribed. */
  async arrive(): Promise<void> {
    void this.#stay();
    await this.#ready.promise;
  }

  /** Has the connection cut at its times since `start`. Resolves when the client is back for good. */
  async live(cuts: readonly Cut[], start: number): Promise<void> {
    for (const { at, back } of cuts) {
      await delayUntil(start + at);
      this.#options.log.cuts++;
      this.leave();
      await delayUntil(start + back);
      this.#ready = Promise.withResolvers();
      this.#receipts.comeBack(performance.now());
      void this.#stay();
    }
    await this.#ready.promise;
  }

  /** Destroys the connection. */
  leave(): void {
    this.#visit++;
    this.#line?.destroy();
  }

  say(text: string): void {
    this.#line?.say(text);
  }

  ready(isRecovered: boolean | null): void {
    if (isRecovered === true) this.#options.log.recovered++;
    if (isRecovered === false) this.#options.log.unrecovered++;
    this.#ready.resolve();
  }

  deliver({ seq }: Message): void {
    this.#receipts.take(seq, performance.now());
  }

  /** Opens one connection after the other, until the client leaves. */
  async #stay(): Promise<void> {
    const { port, dialect, log, retryMs } = this.#options;
    const visit = this.#visit;
    while (this.#visit === visit) {
      this.#line = new Line({
        port,
        path: dialect.path(),
        onOpen: () => dialect.open(this),
        onText: (text) => dialect.take(text, this),
      });
      const error = await this.#line.run();
      if (error === null) return;
      if (log.failures++ === 0) console.error("the first connection that failed by itself:", error);
      await delay(retryMs());
    }
  }
}

function delayUntil(time: number): Promise<void> {
  return delay(Math.max(0, time - performance.now()));
}
