/** A tab of the model of streams, and the sinks that its connections write to. */

import type { FrameSink } from "../../src/connection/write_pump.ts";
import type { Connection } from "../../src/hub/connection.ts";

/** A sink to a browser. What is sent while it is stalled arrives when it drains, or never if it ends first. */
class TestSink implements FrameSink {
  open = true;
  #isStalled = false;
  #pending: string[] = [];
  #drainWaits: (() => void)[] = [];

  constructor(readonly arrive: (frame: string) => void) {}

  get buffered(): number {
    return this.#isStalled ? 1_000_000 : 0;
  }

  send(frame: string): void {
    if (!this.open) return;
    if (this.#isStalled) this.#pending.push(frame);
    else this.arrive(frame);
  }

  stall(): void {
    this.#isStalled = true;
  }

  drain(): void {
    this.#isStalled = false;
    for (const frame of this.#pending.splice(0)) this.arrive(frame);
    for (const resolve of this.#drainWaits.splice(0)) resolve();
  }

  end(): void {
    this.open = false;
    this.#pending = [];
    this.drain();
  }

  whenDrained(): Promise<void> {
    return this.#isStalled && this.open
      ? new Promise((resolve) => this.#drainWaits.push(resolve))
      : Promise.resolve();
  }
}

/** A browser's tab, and everything that arrived over all of its connections. */
export class ModelTab {
  readonly received: number[] = [];
  readonly failures: string[] = [];
  /** The position of the first welcome. */
  start: string | null = null;
  position: string | null = null;
  sink = new TestSink((frame) => this.#arrive(frame));
  connection: Connection | undefined;

  constructor(readonly target: string) {}

  newSink(): TestSink {
    this.sink.end();
    return this.sink = new TestSink((frame) => this.#arrive(frame));
  }

  #arrive(frame: string): void {
    for (const message of JSON.parse(frame)) {
      if (message.type === "notification") this.received.push(message.data);
      else if (message.type !== "welcome" || message.recovered === false) this.failures.push(frame);
      this.position = message.position;
      this.start ??= message.position;
    }
  }
}
