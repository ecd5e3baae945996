/** All tabs: as many processes as their open files need, each with source addresses of its own. */

import { delay } from "../bench/load/delay.ts";
import { cpuSeconds } from "../bench/load/usage.ts";
import { mergeArrivals } from "./clients/arrivals.ts";
import type { Accepted, ClientPlan, Tally, Verdict } from "./clients/protocol.ts";
import { ClientProcess } from "./client_process.ts";
import { MAX_TABS_PER_PROCESS } from "./open_files.ts";

export interface CrowdOptions extends Pick<ClientPlan, "ports" | "targets" | "seed"> {
  readonly tabs: number;
  /** How many processes there are at least. */
  readonly processes: number;
  /** The number of the first process, if several crowds share the addresses of this machine. */
  readonly first?: number;
}

const POLL_MS = 100;
const PATIENCE_MS = 60_000, DEADLINE_MS = 600_000;

export class Crowd implements AsyncDisposable {
  readonly tabs: number;
  readonly #processes: readonly ClientProcess[];

  /** The tabs begin to connect at once. */
  constructor({ tabs, processes: atLeast, first = 0, ...shared }: CrowdOptions) {
    const count = Math.max(atLeast, Math.ceil(tabs / MAX_TABS_PER_PROCESS));
    const start = (process: number) => Math.floor(process * tabs / count);
    this.tabs = tabs;
    this.#processes = Array.from({ length: count }, (_, process) =>
      new ClientProcess({
        ...shared,
        network: `127.0.${1 + first + process}`,
        first: start(process),
        count: start(process + 1) - start(process),
      }));
  }

  get cpuSeconds(): number {
    return this.#processes.reduce((sum, { pid }) => sum + (cpuSeconds(pid) ?? NaN), 0);
  }

  /** @param serial of the notification whose deliveries are counted */
  async tally(serial: number | null = null): Promise<Tally> {
    const parts = await Promise.all(
      this.#processes.map((process) => process.ask({ ask: "tally", serial })),
    );
    return {
      open: parts.reduce((sum, { open }) => sum + open, 0),
      welcomes: mergeArrivals(parts.map(({ welcomes }) => welcomes)),
      closes: mergeArrivals(parts.map(({ closes }) => closes)),
      refused: parts.reduce((sum, { refused }) => sum + refused, 0),
      reason: parts.find(({ reason }) => reason !== "")?.reason ?? "",
      deliveries: mergeArrivals(parts.map(({ deliveries }) => deliveries)),
    };
  }

  /** Resolves when the tally is as expected, when nothing has changed for a while (a minute), or after ten minutes. */
  async until(
    isDone: (tally: Tally) => boolean,
    { serial = null, patienceMs = PATIENCE_MS, onProgress = () => {} }: {
      serial?: number | null;
      patienceMs?: number;
      onProgress?: (tally: Tally) => void;
    } = {},
  ): Promise<Tally> {
    const start = performance.now();
    for (let before = "", since = start;; await delay(POLL_MS)) {
      const tally = await this.tally(serial);
      if (isDone(tally)) return tally;
      const now = `${tally.welcomes.count} ${tally.closes.count} ${tally.deliveries.count}`;
      if (now !== before) since = performance.now();
      if (performance.now() - since > patienceMs || performance.now() - start > DEADLINE_MS) return tally;
      before = now;
      onProgress(tally);
    }
  }

  async verdict(accepted: readonly Accepted[]): Promise<Verdict> {
    const parts = await Promise.all(
      this.#processes.map((process) => process.ask({ ask: "verdict", accepted })),
    );
    const sum = (value: (one: Verdict) => number) => parts.reduce((total, one) => total + value(one), 0);
    return {
      tabs: sum(({ tabs }) => tabs),
      owed: sum(({ owed }) => owed),
      delivered: sum(({ delivered }) => delivered),
      doubled: sum(({ doubled }) => doubled),
      lost: sum(({ lost }) => lost),
      foreign: sum(({ foreign }) => foreign),
      told: sum(({ told }) => told),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#processes.map((process) => process[Symbol.asyncDispose]()));
  }
}
