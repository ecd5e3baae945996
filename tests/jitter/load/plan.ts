/** What the load is to do and what it has measured. Both cross to the process of the load and back as JSON. */

import type { Scenario } from "../scenario.ts";
import type { Lag } from "./lag.ts";
import type { LanguageName } from "./languages.ts";

export interface Plan {
  readonly scenario: Scenario;
  readonly language: LanguageName;
  readonly port: number;
  /** The process whose CPU time is read. */
  readonly pid: number;
  /** The path that accepts a message. */
  readonly notify: string;
  /** How long to wait, after the last cut, while nothing arrives that is missing. */
  readonly quietMs: number;
}

/** Milliseconds; null: there is no sample, or the value is one of what never arrived. */
export interface Times {
  readonly p50: number | null;
  readonly p99: number | null;
  readonly max: number | null;
  /** The share within each of `STEPS_MS`, of everything that should have arrived. */
  readonly within: readonly number[];
}

export interface Measured {
  /** Messages that should have arrived: all, at each client. */
  readonly expected: number;
  /** Those that have arrived at least once, and what arrived beyond that. */
  readonly delivered: number;
  readonly doubled: number;
  readonly cuts: number;
  /** Reconnects after which the server said that it has recovered the stream, and that it has not. */
  readonly recovered: number;
  readonly unrecovered: number;
  /** Connections that ended without being cut, or did not begin. */
  readonly failures: number;
  /** From just before a message is posted until a client has it. */
  readonly age: Times;
  /** From the start of a reconnect until the client has everything that it missed. */
  readonly replay: Times;
  /** Reconnects of clients that had missed something. */
  readonly replays: number;
  /** Of the server's process, from the first message until the end; null if this system does not tell. */
  readonly cpuSeconds: number | null;
  /** The longest time until the server has accepted a message, in milliseconds. */
  readonly slowestAnswer: number;
  /** How late the load's own timers were. */
  readonly lag: Lag;
}

/** The steps of the distributions: from 1 ms to 10 s, ten for each power of ten. */
export const STEPS_MS: readonly number[] = Array.from({ length: 41 }, (_, step) => 10 ** (step / 10));
