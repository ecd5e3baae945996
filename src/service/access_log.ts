/** The access log: one line for each request that was answered. Those that were refused are limited. */

import type { Exchange } from "../http/exchange.ts";
import {
  type AccessFormat,
  type AccessGroup,
  type AccessLevel,
  isSameGroup,
  JSON_FORMAT,
  TEXT_FORMAT,
} from "./access_line.ts";
import { AccessLines } from "./access_lines.ts";
import type { Config } from "../config/config.ts";

export interface AccessLogDeps extends Pick<Config, "logLevel" | "development"> {
  /** Writes lines, each with its line feed, in UTF-8. */
  readonly write: (lines: Uint8Array) => void;
  /** Logs how many lines were left out. */
  readonly warn: (message: string, properties: Record<string, unknown>) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The clock of {@linkcode Exchange.startedAt}. */
  readonly monotonic: () => number;
}

/** Load balancers ask every second. */
const HEALTH_CHECKS: ReadonlySet<string | undefined> = new Set(["/healthz", "/readyz"]);
const SEVERITIES = ["debug", "info", "warning", "error"] as const;
/** For each status. Whoever is refused can send as much as the network carries, and must not fill the disk. */
const MAX_REFUSALS = 60;
/** To write a line takes ten times as long if it is written alone, and a timer costs as much as ten lines. */
const MAX_WAITING_BYTES = 64 * 1024, FLUSH_MS = 100;

export class AccessLog {
  readonly #deps: AccessLogDeps;
  readonly #format: AccessFormat;
  readonly #refusals = new Map<number, number>(); // in this minute, by status
  readonly #minimum: number;
  readonly #waiting: AccessLines;
  #last: AccessGroup | undefined;
  #epoch = 0; // the time of day at which the monotonic clock began
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(deps: AccessLogDeps) {
    this.#deps = deps;
    this.#format = deps.development ? TEXT_FORMAT : JSON_FORMAT;
    this.#waiting = new AccessLines(MAX_WAITING_BYTES, this.#format.second);
    this.#minimum = SEVERITIES.indexOf(deps.logLevel);
  }

  /** Must be called once for each request, when the head of its answer is known. */
  answered(exchange: Exchange, status: number): void {
    const level = levelOf(exchange, status);
    if (SEVERITIES.indexOf(level) < this.#minimum) return;
    if (level === "warning" && !this.#hasRoomFor(status)) return;
    this.#setGroup({ exchange, status, level });
    const at = this.#deps.monotonic();
    if (this.#timer === undefined) this.#start(at);
    this.#waiting.add(this.#epoch + at, {
      duration: at - exchange.startedAt,
      id: exchange.givenId ?? exchange.number,
      rest: this.#format.rest(exchange),
    });
    if (this.#waiting.isFull) this.#write();
  }

  /** Must be called once a minute. */
  tick(): void {
    for (const [status, count] of this.#refusals) {
      if (count <= MAX_REFUSALS) continue;
      const message = "left out {count} requests that were answered with {status}";
      this.#deps.warn(message, { status, count: count - MAX_REFUSALS });
    }
    this.#refusals.clear();
  }

  /** Writes the lines that wait. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#write();
  }

  /** To ask both clocks for each line would take longer than to copy its text. */
  #start(at: number): void {
    this.#epoch = this.#deps.now() - at;
    this.#timer = setTimeout(() => this.flush(), FLUSH_MS);
  }

  #write(): void {
    const lines = this.#waiting.take();
    if (lines.length > 0) this.#deps.write(lines);
  }

  /** Most requests have it in common with the one before. */
  #setGroup(group: AccessGroup): void {
    if (this.#last !== undefined && isSameGroup(group, this.#last)) return;
    this.#last = group;
    const { exchange } = group, { common, beforeId } = this.#format;
    this.#waiting.setCommon({ common: common(group), beforeId: beforeId(exchange) });
  }

  #hasRoomFor(status: number): boolean {
    const count = (this.#refusals.get(status) ?? 0) + 1;
    this.#refusals.set(status, count);
    return count <= MAX_REFUSALS;
  }
}

function levelOf({ route }: Exchange, status: number): AccessLevel {
  if (HEALTH_CHECKS.has(route)) return "debug";
  return status >= 400 ? "warning" : "info";
}
