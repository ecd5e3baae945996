/** How many connections each target has on the other isolates, as one isolate knows it. */

export class Elsewhere {
  readonly #announce: (target: string, connections: number) => void;
  readonly #counts = new Map<string, number>(); // of all targets of this isolate

  /** @param announce tells the owner of the journal, which tells the other isolates of the target */
  constructor(announce: (target: string, connections: number) => void) {
    this.#announce = announce;
  }

  announce(target: string, connections: number): void {
    if (connections === 0) this.#counts.delete(target);
    else if (!this.#counts.has(target)) this.#counts.set(target, 0);
    this.#announce(target, connections);
  }

  of(target: string): number {
    return this.#counts.get(target) ?? 0;
  }

  /** Called with how many there are elsewhere. It may come after the target's last connection here has gone. */
  set(target: string, connections: number): void {
    if (this.#counts.has(target)) this.#counts.set(target, connections);
  }
}
