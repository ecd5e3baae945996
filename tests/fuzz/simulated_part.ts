/** A part whose inputs are played in this process, and share nothing: it needs no journal and no service. */

import type * as fc from "fast-check";
import type { Bench, Part } from "./part.ts";
import { Tally } from "./tally.ts";

export interface SimulatedPartOptions<Input> {
  readonly inputs: fc.Arbitrary<Input>;
  /** Rejects with a `Violation` if something does not hold. Counts what came of the input. */
  readonly play: (input: Input, tally: Tally) => Promise<void>;
}

export function simulatedPart<Input>(
  name: string,
  { inputs, play }: SimulatedPartOptions<Input>,
): Part<Input> {
  return {
    name,
    journals: ["memory"], // it needs none
    open: () => {
      const tally = new Tally();
      const bench: Bench<Input> = {
        inputs,
        tally,
        play: (input) => play(input, tally),
        finish: async () => {},
        [Symbol.asyncDispose]: async () => {},
      };
      return Promise.resolve(bench);
    },
  };
}
