/** How many connections each target has on the other isolates, as one isolate knows it. */

/** Tells the owner of the journal. Returns how many connections the target has elsewhere when the owner hears of it. */
export type Announce = (target: string, connections: number) => number | Promise<number>;

export class Elsewhere {
  readonly #announce: Announce;
  readonly #counts = new Map<string, number>(); // of all targets of this isolate

  /** @param announce has the owner tell the other isolates of the target, too */
  constructor(announce: Announce) {
    this.#announce = announce;
  }

  announce(target: string, connections: number): number | Promise<number> {
    if (connections === 0) this.#counts.delete(target);
    else if (!this.#counts.has(target)) this.#counts.set(target, 0);
    return this.#announce(target, connections);
  }

  of(target: string): number {
    return this.#counts.get(target) ?? 0;
  }

  /** Called with how many there are elsewhere. It may come after the target's last connection here has gone. */
  set(target: string, connections: number): void {
    if (this.#counts.has(target)) this.#counts.set(target, connections);
  }
}
