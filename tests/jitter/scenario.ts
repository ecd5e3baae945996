/** The scenario that AnyCable has published, as numbers: who is there, what is sent, and when lines are cut. */

export interface Scenario {
  readonly clients: number;
  /** For how long connections are cut. A shorter scenario has as many messages and cuts, but all is faster. */
  readonly seconds: number;
  /** Decides when each client's connection is cut, and for how long. */
  readonly seed: number;
}

export const PUBLISHED_SECONDS = 160;
export const MESSAGES = 120;

/** In seconds of the published scenario. Within a range, all times are equally likely. */
export const SECONDS = {
  /** From the arrival of the last client to the first message. */
  rest: 5,
  betweenMessages: 0.5,
  firstCut: { from: 5, to: 20 },
  away: { from: 1.5, to: 2.5 },
  connected: { from: 15, to: 20 },
  /** Until a client that could not connect tries again. */
  retry: { from: 0.25, to: 0.75 },
} as const;

/** The milliseconds that a second of the published scenario takes. */
export function paceOf({ seconds }: Pick<Scenario, "seconds">): number {
  return 1_000 * seconds / PUBLISHED_SECONDS;
}
