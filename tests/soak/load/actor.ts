/** Actors: each does one kind of thing again and again, at random times, until its wave is over. */

import { pause } from "../../chaos/load/subscriber.ts";

export interface Actor {
  /** What it does, for the counts. */
  readonly name: string;
  /** The mean time from one act to the next. */
  readonly everyMs: number;
  /** Does one thing, and resolves with a word for what came of it. Rejects if the service has done wrong. */
  act(random: () => number): Promise<string>;
  /** Ends what it has left open. */
  leave?(): Promise<void>;
}

export interface Stage {
  readonly random: () => number;
  /** Ends the performance. */
  readonly signal: AbortSignal;
  /** Called with each thing that was done. */
  onDone(word: string): void;
  /** Called with what the service has done wrong. */
  onWrong(reason: string): void;
}

/** What an actor does at the same time at most. */
const MAX_AT_ONCE = 16;

/** Resolves when the signal has aborted, everything has come to its end, and the actor has left. */
export async function perform(actor: Actor, { random, signal, onDone, onWrong }: Stage): Promise<void> {
  const running = new Set<Promise<void>>();
  while (!signal.aborted) {
    const act: Promise<void> = actor.act(random)
      .then(onDone, (error) => onWrong(`${actor.name}: ${error instanceof Error ? error.message : error}`))
      .finally(() => running.delete(act));
    running.add(act);
    await pause(actor.everyMs * (0.5 + random()), signal);
    if (running.size >= MAX_AT_ONCE) await Promise.race(running);
  }
  await Promise.all(running);
  await actor.leave?.();
}
