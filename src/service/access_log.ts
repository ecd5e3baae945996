/** The access log: one line for each request that was answered. Those that were refused are limited. */

import type { Exchange } from "../http/exchange.ts";
import { type AccessLevel, createJsonFormat, type FormatAccess, formatText } from "./access_line.ts";
import type { Config } from "../config/config.ts";

export interface AccessLogDeps extends Pick<Config, "logLevel" | "development"> {
  /** Writes lines, each with its line feed, in UTF-8. */
  readonly write: (lines: Uint8Array) => void;
  /** Logs how many lines were left out. */
  readonly warn: (message: string, properties: Record<string, unknown>) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Load balancers ask every second. */
const HEALTH_CHECKS: ReadonlySet<string | undefined> = new Set(["/healthz", "/readyz"]);
const SEVERITIES = ["debug", "info", "warning", "error"] as const;
/** For each status. Whoever is refused can send as much as the network carries, and must not fill the disk. */
const MAX_REFUSALS = 60;
/** To write a line takes ten times as long if it is written alone, and a timer costs as much as ten lines. */
const MAX_WAITING_BYTES = 64 * 1024, FLUSH_MS = 100;
/** Six texts of 200 characters, and what is around them. */
const MAX_LINE_BYTES = 8 * 1024;
const encoder = new TextEncoder();

export class AccessLog {
  readonly #deps: AccessLogDeps;
  readonly #format: FormatAccess;
  readonly #refusals = new Map<number, number>(); // in this minute, by status
  readonly #minimum: number;
  #timeMs = NaN;
  #timeText = "";
  /** Lines as text would be copied by each garbage collection until they are written. */
  readonly #waiting = new Uint8Array(MAX_WAITING_BYTES + MAX_LINE_BYTES);
  #used = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(deps: AccessLogDeps) {
    this.#deps = deps;
    this.#format = deps.development ? formatText : createJsonFormat();
    this.#minimum = SEVERITIES.indexOf(deps.logLevel);
  }

  /** Must be called once for each request, when the head of its answer is known. */
  answered(exchange: Exchange, status: number): void {
    const level = levelOf(exchange, status);
    if (SEVERITIES.indexOf(level) < this.#minimum) return;
    if (level === "warning" && !this.#hasRoomFor(status)) return;
    const ms = performance.now() - exchange.startedAt, time = this.#time();
    const line = this.#format({ exchange, status, ms, level, time });
    this.#used += encoder.encodeInto(line, this.#waiting.subarray(this.#used)).written;
    if (this.#used >= MAX_WAITING_BYTES) this.#write();
    else this.#timer ??= setTimeout(() => this.flush(), FLUSH_MS);
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

  #write(): void {
    if (this.#used > 0) this.#deps.write(this.#waiting.subarray(0, this.#used));
    this.#used = 0;
  }

  /** To format a time takes 550 ns, and many requests are answered in the same millisecond. */
  #time(): string {
    const now = this.#deps.now();
    if (now !== this.#timeMs) this.#timeText = new Date(now).toISOString();
    this.#timeMs = now;
    return this.#timeText;
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
