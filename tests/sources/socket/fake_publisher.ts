/** A publisher's socket over a transport and an intake that a test controls. */

import type { Transport, TransportListener } from "../../../src/connection/transport.ts";
import type { Draft, Receipt } from "../../../src/journal/journal.ts";
import { PublisherSocket, type PublisherSocketDeps } from "../../../src/sources/socket/publisher_socket.ts";
import type { Close } from "../../../src/wire/close_codes.ts";
import { toProblem } from "../../../src/wire/problem.ts";

/** What the intake has been asked to accept, and the test decides. */
interface Pending {
  readonly ids: readonly string[];
  readonly accept: () => void;
  readonly fail: (error: unknown) => void;
}

export class FakePublisher implements Transport {
  readonly kind = "websocket";
  readonly socket: PublisherSocket;
  readonly frames: string[] = [];
  readonly closes: Close[] = [];
  readonly refused: number[] = [];
  readonly reported: unknown[] = [];
  readonly ended: (Close | null)[] = [];
  gone = 0;
  open = true;
  buffered = 0;
  /** In the order of the calls. */
  readonly pending: Pending[] = [];
  /** The ids of everything that the intake was asked to accept. */
  readonly published: string[] = [];
  readonly #drains: PromiseWithResolvers<void>[] = [];
  listener: TransportListener | undefined;

  constructor(deps: Partial<PublisherSocketDeps> = {}) {
    this.socket = new PublisherSocket("key", {
      deps: {
        intake: {
          accept: (drafts) => this.#accept(drafts),
          schedule: () => Promise.reject(new Error("nothing is scheduled")),
          now: () => 0,
          lifeMs: () => 3_600_000,
          hasPushes: true,
        },
        budget: { take: () => true, release() {} },
        turnOfLarge: () => Promise.resolve(),
        drained: () => {
          const drain = Promise.withResolvers<void>();
          this.#drains.push(drain);
          return drain.promise;
        },
        allowanceOf: () => null,
        isDraining: () => false,
        refuse: (error) => {
          const problem = toProblem(error);
          this.refused.push(problem.status);
          return problem;
        },
        report: (error) => void this.reported.push(error),
        ...deps,
      },
      observer: {
        onEnd: (_, close) => void this.ended.push(close),
        onGone: () => void this.gone++,
      },
    });
    this.socket.connect((listener) => {
      this.listener = listener;
      return this;
    });
  }

  send(frame: string): void {
    this.frames.push(frame);
  }

  close(close: Close): void {
    this.closes.push(close);
    this.open = false;
  }

  /** The publisher sends a notification, with further fields. */
  notify(id: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.receive(JSON.stringify({ target: "alexander", data: 1, id, ...fields }));
  }

  receive(frame: unknown): void {
    if (this.open) this.listener?.onFrame(frame);
  }

  /** Resolves when all that can go on has. */
  async settle(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 0));
  }

  /** Accepts everything that the intake was asked to accept, also what follows. */
  async acceptAll(): Promise<void> {
    while (this.pending.length > 0) {
      this.pending.shift()?.accept();
      await this.settle();
    }
  }

  /** The publisher reads what is buffered, or never will. */
  async drain(error?: unknown): Promise<void> {
    this.buffered = 0;
    for (const { resolve, reject } of this.#drains.splice(0)) error === undefined ? resolve() : reject(error);
    await this.settle();
  }

  /** The ids, or the kinds of the problems, in each frame of answers. */
  get answers(): string[][] {
    return this.frames.slice(1).map((frame) =>
      JSON.parse(frame).map(({ id, type }: { id?: string; type?: string }) => id ?? type?.split(":").at(-1))
    );
  }

  #accept(drafts: readonly Draft[]): Promise<readonly Receipt[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly Receipt[]>();
    const receipts = drafts.map(() => ({ outcome: "kept" as const, position: "p", expiresAt: 0 }));
    const ids = drafts.map(({ id }) => id);
    this.published.push(...ids);
    this.pending.push({ ids, accept: () => resolve(receipts), fail: reject });
    return promise;
  }
}
