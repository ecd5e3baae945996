/** Damage: reports each message that is not what a node has stored, such as one of another program, once. */

const MAX_KNOWN = 1_024;

/** A damaged message may be read again and again. */
export class Damage {
  readonly #report: (sequence: number) => void;
  readonly #known = new Set<number>();

  constructor(report: (sequence: number) => void) {
    this.#report = report;
  }

  /** Call this with the number of each damaged message that is read or received. */
  note(sequence: number): void {
    if (this.#known.has(sequence)) return;
    this.#known.add(sequence);
    const [oldest = 0] = this.#known;
    if (this.#known.size > MAX_KNOWN) this.#known.delete(oldest);
    this.#report(sequence);
  }
}
