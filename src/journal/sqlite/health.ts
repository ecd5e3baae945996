/** JournalHealth: whether the journal's file can be used, as far as is known. */

/**
 * - `ok`: it can be read and written.
 * - `unwritable`: it can be read, but the last attempt to write failed. The disk may be full.
 * - `lost`: it is not the file that it was, so nothing that is in it or in memory counts any more.
 */
export type HealthState = "ok" | "unwritable" | "lost";

/** @param reason why the state is not `ok`; empty if it is */
export type OnHealthChange = (state: HealthState, reason: string) => void;

export class JournalHealth {
  readonly #onChange: OnHealthChange;
  #unwritable: string | null = null;
  #lost: string | null = null;
  #state: HealthState = "ok";

  constructor(onChange: OnHealthChange) {
    this.#onChange = onChange;
  }

  get state(): HealthState {
    return this.#state;
  }

  /** Why the state is not `ok`. */
  get reason(): string {
    return this.#lost ?? this.#unwritable ?? "";
  }

  /** @param reason why the last attempt to write failed; null: it succeeded */
  setUnwritable(reason: string | null): void {
    this.#unwritable = reason;
    this.#update();
  }

  /** @param reason why the file is not what it was; null: it is */
  setLost(reason: string | null): void {
    this.#lost = reason;
    this.#update();
  }

  #update(): void {
    const state = this.#lost !== null ? "lost" : this.#unwritable !== null ? "unwritable" : "ok";
    if (state === this.#state) return;
    this.#state = state;
    this.#onChange(state, this.reason);
  }
}
