/** A bell: wakes an isolate that waits for records, and costs one that is awake nothing. */

const AWAKE = 0, ASLEEP = 1;

export class Bell {
  readonly #cell: Int32Array;

  /** @param memory four bytes, which all isolates share that ring or hear the bell */
  constructor(readonly memory: SharedArrayBuffer = new SharedArrayBuffer(4)) {
    this.#cell = new Int32Array(memory);
  }

  /** Wakes the isolate that waits, if it does. */
  ring(): void {
    if (Atomics.load(this.#cell, 0) !== ASLEEP) return;
    if (Atomics.compareExchange(this.#cell, 0, ASLEEP, AWAKE) === ASLEEP) Atomics.notify(this.#cell, 0);
  }

  /** Resolves when the bell rings, or at once if there is something to do already. */
  async heard(hasWork: () => boolean): Promise<void> {
    Atomics.store(this.#cell, 0, ASLEEP);
    if (hasWork()) { // what came before the bell could be heard
      Atomics.store(this.#cell, 0, AWAKE);
      return;
    }
    const waiting = Atomics.waitAsync(this.#cell, 0, ASLEEP);
    if (waiting.async) await waiting.value;
  }
}
