/** What came late: messages that arrive after later ones of other subjects, which connections were sent already. */

import { positionOf } from "../../wire/position.ts";
import type { LateEntries } from "../journal.ts";

/** A message that has arrived, and what was known before it. */
export interface Arrival {
  readonly sequence: number;
  /** The number of the message before it on its subject. */
  readonly previous: number;
  /** The number through which its subject lacked nothing. */
  readonly known: number;
  /** The highest number that the feed was offered. */
  readonly offered: number;
}

/**
 * Returns what connections may miss although they were sent later messages, or undefined.
 *
 * A server that takes messages of several nodes at once may send them on in another order (NATS 2.9.10 without
 * replicas). A connection that was sent a later message to everyone, for example, has to go back for one to its target.
 */
export function lateEntriesOf(
  { sequence, previous, known, offered }: Arrival,
  { target, epoch }: { target: string | null; epoch: string },
): LateEntries | undefined {
  const isLate = sequence < offered;
  if (!isLate && (previous <= known || known >= offered)) return undefined;
  const before = previous > known ? known : sequence - 1;
  const last = isLate ? sequence : previous;
  return {
    target,
    after: positionOf(epoch, before),
    from: positionOf(epoch, before + 1),
    through: positionOf(epoch, last),
  };
}
