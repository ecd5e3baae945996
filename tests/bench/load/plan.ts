/** The plan of a load and its result, which the benchmark and the process of the load exchange as JSON. */

import type { DialectName } from "./dialect.ts";

/** The address and the routes of a server. */
export interface Server {
  readonly port: number;
  /** The process whose CPU time and memory are read. Linux only. */
  readonly pid: number;
  readonly dialect: DialectName;
  /** The path to connect to, up to what the dialect says about the target. */
  readonly connect: string;
  /** The path that accepts one notification. */
  readonly notify: string;
  /** The path that accepts several notifications. */
  readonly many: string;
  /** The path of the WebSocket for publishers; null if the server has none. */
  readonly publish: string | null;
  /** The path that accepts a stream of lines; null if the server has none. */
  readonly lines: string | null;
  /** The path of the unary method of Connect that accepts one notification; null if the server has none. */
  readonly call: string | null;
  /** The publisher key, and the secret that signs tokens; null if the server checks neither. */
  readonly secrets: Secrets | null;
}

export interface Secrets {
  readonly key: string;
  readonly token: string;
}

/** The load on a server. It is the same for every server. */
export interface Plan {
  /** The tabs are distributed round-robin over the targets `t0`, `t1`, … */
  readonly tabs: number;
  readonly targets: number;
  /**
   * Whether one tab of ten stops reading after it has connected. The connections of some are filled in
   * advance.
   */
  readonly stalled: boolean;
  /**
   * Notifications per target that are published before the tabs connect. If there are any, each tab asks for
   * what it missed, and connecting ends with the last of these deliveries.
   */
  readonly missed: number;
  readonly publishers: number;
  /**
   * Whether publishers send requests over HTTP, calls of Connect in binary, frames over a WebSocket, or chunks of lines in
   * one request.
   */
  readonly over: "requests" | "calls" | "frames" | "chunks";
  /** How many requests, frames or chunks each publisher has unanswered. */
  readonly unanswered: number;
  /** Notifications per request, frame or chunk. */
  readonly batch: number;
  /** Notifications per second of all publishers together; null: as many as the server accepts. */
  readonly rate: number | null;
  /** When the load ends. Without publishers, the tabs stay idle for this time. */
  readonly until: { readonly seconds: number } | { readonly requests: number };
}

/** The percentiles of the latency that a result has. */
export const PERCENTILES = [0, 10, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.99, 100] as const;

export interface Result {
  readonly connected: number;
  /** Tabs that the server refused. */
  readonly refused: number;
  /** The growth of the server's memory per tab; null if this system cannot measure it. */
  readonly bytesPerTab: number | null;
  /** Notifications that the server accepted, and requests that it did not. */
  readonly accepted: number;
  readonly failed: number;
  /** Notifications that reached a tab, of those that should have. Stalled tabs do not count. */
  readonly delivered: number;
  readonly expected: number;
  /** Tabs that the server closed. */
  readonly closed: number;
  /**
   * Milliseconds from publisher to tab, one value for each of `PERCENTILES`; empty if nothing was delivered.
   */
  readonly latencies: readonly number[];
  /** The usage until all tabs were connected. */
  readonly connecting: Usage;
  /** The usage from the first request to the last delivery. */
  readonly running: Usage;
}

export interface Usage {
  readonly seconds: number;
  /** Shares of a core; null if this system cannot measure them. */
  readonly serverCpu: number | null;
  readonly loadCpu: number | null;
}
