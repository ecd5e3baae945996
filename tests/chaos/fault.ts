/** The interface of all faults. */

import { pause } from "./load/subscriber.ts";
import type { Need } from "./needs.ts";
import type { JournalName, Stage } from "./stages/stage.ts";

/**
 * What a journal promises for a fault.
 *
 * - `nothing lost`: every subscriber receives everything that was accepted, once, and none is told of a loss.
 * - `told`: a subscriber that does not receive something is told so.
 */
export type FaultPromise = "nothing lost" | "told";

/** How a fault happens this time. */
export interface Circumstances {
  /** The same for the same seed. */
  readonly random: () => number;
  /** Returns the first number, or the second in a short run. */
  choose(numbers: LongAndShort): number;
  /** Waits for the long time, or for the short one in a short run: both in seconds. */
  wait(time: LongAndShort): Promise<void>;
}

interface LongAndShort {
  readonly long: number;
  readonly short: number;
}

export interface Fault<S extends Stage = Stage> {
  /** What `--only` selects it by. */
  readonly name: string;
  /** What happens, for the table. */
  readonly title: string;
  readonly needs: readonly Need[];
  /** The journals that it applies to, and what each promises. */
  readonly promises: Readonly<Partial<Record<JournalName, FaultPromise>>>;
  /** Starts what the fault will happen to. */
  stage(journal: JournalName): Promise<S>;
  /** Inflicts the fault on a stage under load, and resolves when its cause is gone. */
  inflict(stage: S, circumstances: Circumstances): Promise<void>;
}

/** A fault on its stage, whatever kind of stage that is. */
export interface StagedFault extends AsyncDisposable {
  readonly stage: Stage;
  inflict(circumstances: Circumstances): Promise<void>;
}

/** A fault as the list of all faults has it: the type of its stage is its own matter. */
export interface AnyFault extends Pick<Fault, "name" | "title" | "needs" | "promises"> {
  open(journal: JournalName): Promise<StagedFault>;
}

export function defineFault<S extends Stage>(fault: Fault<S>): AnyFault {
  const { name, title, needs, promises } = fault;
  return {
    name,
    title,
    needs,
    promises,
    async open(journal) {
      const stage = await fault.stage(journal);
      return {
        stage,
        inflict: (circumstances) => fault.inflict(stage, circumstances),
        [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose](),
      };
    },
  };
}

export function circumstancesOf(random: () => number, { isShort }: { isShort: boolean }): Circumstances {
  const choose = ({ long, short }: LongAndShort) => isShort ? short : long;
  return { random, choose, wait: (time) => pause(choose(time) * 1_000) };
}
