/** Links: the network between the nodes and the store. Messages keep their order, and are lost while a node is isolated. */

import type { Process } from "../runtime/process.ts";
import type { Random } from "../runtime/random.ts";
import type { World } from "../runtime/world.ts";

export class Links {
  readonly #world: World;
  readonly #isolated = new Set<string>();
  readonly #links = new Map<string, { readonly random: Random; lastArrival: number }>();

  constructor(world: World) {
    this.#world = world;
  }

  isIsolated({ name }: Process): boolean {
    return this.#isolated.has(name);
  }

  isolate({ name }: Process): void {
    this.#isolated.add(name);
  }

  heal({ name }: Process): void {
    this.#isolated.delete(name);
  }

  /** Calls back in the process `to`, unless one of both is isolated meanwhile. */
  send(from: Process, to: Process, { label, arrive }: { label: string; arrive: () => void }): void {
    const { now, scheduler, setting } = this.#world;
    const isLost = () => from !== to && (this.isIsolated(from) || this.isIsolated(to));
    if (isLost()) return;
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
