/** A wire: the network between a browser and a node, which takes time, holds some bytes, stalls and breaks. */

import type { Random } from "../runtime/random.ts";
import type { Process } from "../runtime/process.ts";
import type { World } from "../runtime/world.ts";

interface Packet {
  readonly bytes: number;
  readonly arrive: () => void;
}

const FOREVER_MS = { min: 44_000, max: 50_000 }; // until a node gives up a connection on which it hears nothing

export class Wire {
  /** When something was last sent over it to the browser. */
  progressAt: number;
  readonly #world: World;
  readonly #node: Process;
  readonly #random: Random;
  readonly #packets: Packet[] = []; // to the browser
  readonly #waiting: { readonly maxBytes: number; readonly resume: () => void }[] = [];
  #queuedBytes = 0;
  #isSending = false;
  #isStalled = false;
  #isBroken = false;
  readonly #lastArrival = { down: 0, up: 0 };

  constructor(world: World, { name, node }: { readonly name: string; readonly node: Process }) {
    this.#world = world;
    this.#node = node;
    this.#random = world.random(`wire ${name}`);
    this.progressAt = world.now;
  }

  /** Bytes that the node has sent, and that the kernels do not hold. */
  get buffered(): number {
    return Math.max(0, this.#queuedBytes - this.#world.setting.kernelBytes);
  }

  get isBroken(): boolean {
    return this.#isBroken;
  }

  get isStalled(): boolean {
    return this.#isStalled;
  }

  /** Sends to the browser. `arrive` is called there, in order. */
  down(bytes: number, arrive: () => void): void {
    if (this.#isBroken) return;
    if (this.#packets.length === 0) this.progressAt = this.#world.now;
    this.#packets.push({ bytes, arrive });
    this.#queuedBytes += bytes;
    this.#send();
  }

  /** Sends to the node. `arrive` is called in its process, in order. */
  up(label: string, arrive: () => void): void {
    if (!this.#isBroken) this.#travel("up", { label, process: this.#node }, arrive);
  }

  /** Calls back in the process of the node when at most so many bytes are buffered. */
  whenRoom(maxBytes: number, resume: () => void): void {
    this.#waiting.push({ maxBytes, resume });
    this.#wake();
  }

  stall(): void {
    this.#isStalled = true;
  }

  flow(): void {
    this.#isStalled = false;
    this.#send();
  }

  /** Nothing arrives any more, on either side. */
  break(): void {
    this.#isBroken = true;
  }

  /** Calls back in the process of the node, when it notices that the browser has gone. */
  notice({ silent }: { readonly silent: boolean }, gone: () => void): void {
    const ms = silent
      ? this.#random.between(FOREVER_MS.min, FOREVER_MS.max)
      : this.#random.between(0, this.#world.setting.latencyMs);
    this.#world.scheduler.after(ms, { label: "notices a loss", process: this.#node }, gone);
  }

  #send(): void {
    const [packet] = this.#packets;
    if (packet === undefined || this.#isSending || this.#isStalled || this.#isBroken) return;
    this.#isSending = true;
    const { scheduler, setting } = this.#world;
    const ms = packet.bytes / setting.bytesPerMs;
    scheduler.after(ms, { label: "sends", process: scheduler.outside }, () => {
      this.#isSending = false;
      if (this.#isBroken) return;
      this.#packets.shift();
      this.#queuedBytes -= packet.bytes;
      this.progressAt = this.#world.now;
      this.#travel("down", { label: "arrives", process: scheduler.outside }, packet.arrive);
      this.#wake();
      this.#send();
    });
  }

  #travel(
    way: "down" | "up",
    event: { readonly label: string; readonly process: Process },
    arrive: () => void,
  ): void {
    const { now, scheduler, setting } = this.#world;
    const at = Math.max(this.#lastArrival[way], now + this.#random.between(0, setting.latencyMs));
    this.#lastArrival[way] = at;
    scheduler.at(at, event, () => {
      if (!this.#isBroken) arrive();
    });
  }

  #wake(): void {
    const { scheduler } = this.#world;
    for (const one of [...this.#waiting]) {
      if (this.buffered > one.maxBytes) continue;
      this.#waiting.splice(this.#waiting.indexOf(one), 1);
      scheduler.after(0, { label: "has room", process: this.#node }, one.resume);
    }
  }
}
