/** What other isolates have written for this one, wherever it comes from. */

export interface Inlet {
  /** Takes a part of what is there. Returns true if there is more. */
  take(): boolean;
  readonly isEmpty: boolean;
}

export class Inlets {
  readonly #inlets = new Map<number, Inlet>();

  set(isolate: number, inlet: Inlet): void {
    this.#inlets.set(isolate, inlet);
  }

  delete(isolate: number): void {
    this.#inlets.delete(isolate);
  }

  /** Takes what is there now. Returns true if there is more. */
  take(): boolean {
    let hasMore = false;
    for (const inlet of this.#inlets.values()) if (!inlet.isEmpty) hasMore = inlet.take() || hasMore;
    return hasMore;
  }

  /** Takes everything that one isolate has written. */
  takeAllOf(isolate: number): void {
    const inlet = this.#inlets.get(isolate);
    while (inlet !== undefined && !inlet.isEmpty) inlet.take();
  }

  /** Takes everything that is there. */
  takeAll(): void {
    while (this.take());
  }

  get areEmpty(): boolean {
    for (const inlet of this.#inlets.values()) if (!inlet.isEmpty) return false;
    return true;
  }
}
