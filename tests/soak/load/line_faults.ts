/** Cuts the residents off, or holds their bytes up for a while: they reconnect and resume. */

import { pause } from "../../chaos/load/subscriber.ts";
import type { FaultyProxy } from "../../nats/faulty_proxy.ts";
import type { Actor } from "./actor.ts";

const MAX_CUT_MS = 1_000, MAX_SILENT_MS = 2_000;

export class LineFaults implements Actor {
  readonly name = "faults of the line";
  readonly everyMs: number;
  readonly #door: FaultyProxy;
  #isFaulty = false;

  constructor(door: FaultyProxy, { everyMs }: { everyMs: number }) {
    this.#door = door;
    this.everyMs = everyMs;
  }

  async act(random: () => number): Promise<string> {
    await pause(random() * this.everyMs); // so that the first one does not come while everybody arrives
    if (this.#isFaulty) return "none";
    this.#isFaulty = true;
    const fault = random() < 0.6 ? "broken" : "silent";
    this.#door.cut(fault);
    await pause(random() * (fault === "broken" ? MAX_CUT_MS : MAX_SILENT_MS));
    this.#door.heal();
    this.#isFaulty = false;
    return fault === "broken" ? "cut" : "held up";
  }
}
