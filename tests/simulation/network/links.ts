/** Links: the network between the nodes and the store. Messages keep their order, and are lost while a node is isolated. */

import type { Process } from "../runtime/process.ts";
import type { Random } from "../runtime/random.ts";
import type { World } from "../runtime/world.ts";

export class Links {
  readonly #world: World;
  readonly #isolated = new Set<string>();
  /** When each process was last isolated or healed. */
  readonly #disturbedAt = new Map<string, number>();
  readonly #links = new Map<string, { readonly random: Random; lastArrival: number }>();

  constructor(world: World) {
    this.#world = world;
  }

  isIsolated({ name }: Process): boolean {
    return this.#isolated.has(name);
  }

  isolate({ name }: Process): void {
    this.#isolated.add(name);
    this.#disturbedAt.set(name, this.#world.now);
  }

  heal({ name }: Process): void {
    this.#isolated.delete(name);
    this.#disturbedAt.set(name, this.#world.now);
  }

  /** True if the process was isolated or healed since then. */
  isDisturbedSince(at: number, { name }: Process): boolean {
    return (this.#disturbedAt.get(name) ?? -Infinity) > at;
  }

  /** Calls back in the process `to`, unless one of both is isolated before: nothing survives that, not even on the way. */
  send(from: Process, to: Process, { label, arrive }: { label: string; arrive: () => void }): void {
    const { now, scheduler, setting } = this.#world;
    const isCut = () => this.isIsolated(from) || this.isIsolated(to);
    const isLost = () => isCut() || this.isDisturbedSince(now, from) || this.isDisturbedSince(now, to);
    if (isCut()) return;
    const link = this.#link(`${from.name} to ${to.name}`);
    link.lastArrival = Math.max(link.lastArrival, now + link.random.between(0, setting.linkMs));
    scheduler.at(link.lastArrival, { label, process: to }, () => {
      if (!isLost()) arrive();
    });
  }

  #link(name: string): { readonly random: Random; lastArrival: number } {
    const known = this.#links.get(name) ?? { random: this.#world.random(name), lastArrival: 0 };
    this.#links.set(name, known);
    return known;
  }
}
