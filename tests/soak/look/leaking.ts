/** A program that leaks on demand, for the tests of what looks for leaks. */

class Leaked {}

class Shelf {
  readonly #books = new Map<string, Leaked>();
  readonly #readers = new Set<string>();

  fill(count: number): void {
    for (let n = 0; n < count; n++) {
      this.#books.set(`book ${n}`, new Leaked());
      this.#readers.add(`reader ${n}`);
    }
  }

  clear(): void {
    this.#books.clear();
    this.#readers.clear();
  }
}

const shelf = new Shelf(), timers: ReturnType<typeof setTimeout>[] = [];
setInterval(() => {}, 60_000);

/** The inspector calls these. */
Object.assign(globalThis, {
  fill: (count: number) => shelf.fill(count),
  clear: () => shelf.clear(),
  startTimers: (count: number) => {
    for (let n = 0; n < count; n++) timers.push(setTimeout(() => {}, 600_000));
  },
});
