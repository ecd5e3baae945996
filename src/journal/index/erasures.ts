/** Erasures: up to where targets were erased, which readers must learn, without the names of the targets. */

import { createHash } from "node:crypto";

/** No target contains a control character, so none has the name of an erased one. */
const PREFIX = "\u0001";

/** What stands for the name of a target that was erased. */
export function erasedName(target: string): string {
  return PREFIX + createHash("sha256").update(target).digest("base64url");
}

/** True if the name stands for that of an erased target. */
export function isErasedName(name: string): boolean {
  return name.startsWith(PREFIX);
}

export class Erasures {
  readonly #through = new Map<string, number>(); // by what stands for the name

  /** Call this after an erasure with what stands for the name, and also when it is read from a store. */
  add(name: string, sequence: number): void {
    this.#through.set(name, Math.max(sequence, this.#through.get(name) ?? 0));
  }

  /** The sequence number up to which the target was erased; 0: it was not. */
  of(target: string): number {
    return this.#through.size === 0 ? 0 : this.#through.get(erasedName(target)) ?? 0;
  }

  /** Forgets erasures that tell readers no more than that everyone may have lost what came up to a sequence number. */
  forgetThrough(sequence: number): void {
    for (const [name, through] of this.#through) if (through <= sequence) this.#through.delete(name);
  }
}
