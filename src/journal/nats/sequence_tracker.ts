/** What has come on the subjects of one target, by which it shows that something did not. */

import { PLAIN } from "./message.ts";

/** A message in the order of the stream, and the one before it on the same subject. */
export interface SubjectLink {
  readonly lastToken: string;
  readonly sequence: number;
  readonly previous: number;
}

/** Each subject is a chain of its own. Most targets have one: they are many, and a map would cost each 200 bytes. */
export class SequenceTracker {
  #plain = 0;
  #others: Map<string, number> | undefined;
  #since = Infinity;
  #newest = 0;

  /** The newest of all. */
  get newest(): number {
    return this.#newest;
  }

  /** From here on, nothing may be missing. */
  begin(sequence: number): void {
    this.#since = sequence;
  }

  /** What has come was of another stream. */
  restart(sequence: number): void {
    this.#plain = this.#newest = 0;
    this.#others = undefined;
    this.begin(sequence);
  }

  /** `repeated`: it has been here. `torn`: one before it has not. Notes that it is here now. */
  add({ lastToken, sequence, previous }: SubjectLink): "next" | "torn" | "repeated" {
    const seen = this.#seen(lastToken);
    if (sequence <= seen) return "repeated";
    const isTorn = previous > Math.max(seen, this.#since) || sequence < this.#newest;
    this.#note(lastToken, sequence);
    return isTorn ? "torn" : "next";
  }

  /** True: this one should have come and has not. Notes that it is known now. */
  lacks(lastToken: string, sequence: number): boolean {
    if (sequence <= Math.max(this.#seen(lastToken), this.#since)) return false;
    this.#note(lastToken, sequence);
    return true;
  }

  #seen(lastToken: string): number {
    return lastToken === PLAIN ? this.#plain : this.#others?.get(lastToken) ?? 0;
  }

  #note(lastToken: string, sequence: number): void {
    if (lastToken === PLAIN) this.#plain = sequence;
    else (this.#others ??= new Map()).set(lastToken, sequence);
    this.#newest = Math.max(this.#newest, sequence);
  }
}
