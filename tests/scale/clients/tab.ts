/** A tab: it connects to one node after the other, resumes where it was, and remembers what it has received. */

import { microseconds } from "../../bench/load/clock.ts";
import { Line } from "./line.ts";

export interface TabOptions {
  readonly target: string;
  /** The source address of its connections. */
  readonly address: string;
  readonly events: TabEvents;
}

/** What a process counts. Times are milliseconds since 1970. */
export interface TabEvents {
  onWelcome(at: number): void;
  /** Called at the end of a connection that was welcomed. */
  onClose(at: number): void;
  onRefusal(reason: string): void;
  onDelivery(serial: number, at: number): void;
  /** Called with each notification that the tab has received before. */
  onDouble(serial: number): void;
  /** Called when the tab is told that it misses something. */
  onLoss(): void;
}

/** The fields of all messages from the server that a tab looks at. */
interface Message {
  readonly type: string;
  readonly id?: string;
  readonly position?: string;
  readonly recovered?: boolean | null;
  readonly data?: { readonly serial: number; readonly acks?: boolean };
}

export class Tab {
  readonly target: string;
  readonly #options: TabOptions;
  /** The serial numbers of what it has received. */
  readonly received = new Set<number>();
  #position: string | undefined;

  constructor(options: TabOptions) {
    this.#options = options;
    this.target = options.target;
  }

  /** Resolves with the welcome, or with null if the node refuses. */
  async connect(port: number): Promise<TabConnection | null> {
    const { address, events } = this.#options;
    const { promise, resolve } = Promise.withResolvers<TabConnection | null>();
    const end = Promise.withResolvers<void>();
    const after = this.#position === undefined ? "" : `&after=${this.#position}`;
    let isWelcome = false;
    const line = new Line({
      port,
      address,
      path: `/v1/connect?target=${this.target}${after}`,
      onText: (text) => {
        for (const message of JSON.parse(text)) this.#take(message, line);
        if (isWelcome) return;
        isWelcome = true;
        events.onWelcome(now());
        resolve({ ended: end.promise, destroy: () => line.destroy() });
      },
      onEnd: (refusal) => {
        if (isWelcome) events.onClose(now());
        else events.onRefusal(refusal ?? "the connection ended before the welcome");
        resolve(null);
        end.resolve();
      },
    });
    return await promise;
  }

  #take({ type, id, position, recovered, data }: Message, line: Line): void {
    const { events } = this.#options;
    if (type === "missed" || recovered === false) events.onLoss();
    if (type === "notification" && data !== undefined) {
      const { serial, acks } = data;
      if (this.received.has(serial)) events.onDouble(serial);
      else events.onDelivery(serial, now());
      this.received.add(serial);
      if (acks === true) line.send(JSON.stringify({ type: "ack", ids: [id] }));
    }
    this.#position = position ?? this.#position;
  }
}

export interface TabConnection {
  /** Resolves when the connection has ended. */
  readonly ended: Promise<void>;
  destroy(): void;
}

function now(): number {
  return microseconds() / 1_000;
}
