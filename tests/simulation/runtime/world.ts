/** The world of a history: what all parts of the simulation share. */

import type { Setting } from "../history/setting.ts";
import { Ledger } from "../promises/ledger.ts";
import { Verdict } from "../promises/verdict.ts";
import { Random } from "./random.ts";
import { Scheduler } from "./scheduler.ts";
import { Trace } from "./trace.ts";

export class World {
  readonly setting: Setting;
  readonly verdict = new Verdict();
  readonly ledger = new Ledger();
  readonly scheduler: Scheduler;
  readonly trace: Trace;

  constructor(setting: Setting) {
    this.setting = setting;
    this.trace = new Trace(() => this.scheduler.now);
    this.scheduler = new Scheduler(
      this.trace,
      () => this.verdict.violation !== undefined,
    );
  }

  get now(): number {
    return this.scheduler.now;
  }

  get isOver(): boolean {
    return this.verdict.violation !== undefined;
  }

  /** A stream of random numbers for one purpose. */
  random(purpose: string): Random {
    return new Random(this.setting.seed, purpose);
  }
}
