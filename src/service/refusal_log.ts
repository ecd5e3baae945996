/** Logs what is refused, so that a wrong setting can be found: the first of each at once, the others once a minute. */

import type { RefusedRequest } from "../http/record_refusal.ts";
import { CLOSE, type Close } from "../wire/close_codes.ts";
import type { Problem } from "../wire/problem.ts";
import { printable } from "./printable.ts";
import { refusalReason } from "./refusal_reason.ts";

type Warn = (message: string, properties: Record<string, unknown>) => void;

/** A line of the log, and how often it was needed again in this minute. */
interface Line {
  readonly message: string;
  readonly properties: Record<string, unknown>;
  repeats: number;
}

/** Refusals that a wrong setting or a faulty program causes. Others are normal: 404, 426 after a probe, 503 at a stop. */
const LOGGED_STATUSES: readonly number[] = [400, 401, 403, 408, 413, 415, 422, 429];
const LOGGED_CLOSES: readonly Close[] = [CLOSE.tooBig, CLOSE.protocolViolation, CLOSE.tooManyFrames];
const LOGGED_PUBLISHER_CLOSES: readonly Close[] = [CLOSE.protocolViolation, CLOSE.tooMuchUnanswered];
/** An attacker can vary an origin or a target, and must not fill the log or the memory. */
const MAX_LINES = 8;

export class RefusalLog {
  readonly #warn: Warn;
  readonly #kinds = new Map<string, Map<string, Line>>();
  #others = 0; // refusals that had no line of their own

  constructor(warn: Warn) {
    this.#warn = warn;
  }

  /** What has an exchange is left to the access log. */
  request(problem: Problem, { method, route, origin, key, exchange }: RefusedRequest): void {
    if (exchange !== undefined) return exchange.refused(problem, { origin, key });
    const { kind, status } = problem;
    if (!LOGGED_STATUSES.includes(status)) return;
    const message = `refused {method} {route} of ${senderOf({ origin, key })} with {status}: {reason}`;
    this.#log(kind, message, {
      ...{ method, route, status, kind, reason: refusalReason(problem) },
      ...key !== undefined && { key },
      ...origin !== undefined && { origin: printable(origin) },
    });
  }

  /** The messages of a frame were refused. */
  messages(problem: Problem, { target }: { readonly target: string }): void {
    const { kind } = problem;
    const properties = { target: printable(target), kind, reason: refusalReason(problem) };
    this.#log(`messages ${kind}`, "refused messages of {target}: {reason}", properties);
  }

  closed(close: Close | null, { target }: { readonly target: string }): void {
    if (close === null || !LOGGED_CLOSES.includes(close)) return;
    const { code, reason } = close;
    this.#log(String(code), "closed a connection of {target} with {code}: {reason}", {
      target: printable(target),
      code,
      reason,
    });
  }

  /** @param options.key the name of the publisher's key, if it has one */
  publisherClosed(close: Close | null, { key }: { readonly key: string | undefined }): void {
    if (close === null || !LOGGED_PUBLISHER_CLOSES.includes(close)) return;
    const { code, reason } = close, publisher = key === undefined ? "a publisher" : "the key {key}";
    this.#log(`publisher ${code}`, `closed a socket of ${publisher} with {code}: {reason}`, {
      ...{ code, reason },
      ...key !== undefined && { key },
    });
  }

  /** A push service has refused a push for good. */
  push(reason: string): void {
    this.#log("push", "a push was refused: {reason}", { reason: printable(reason) });
  }

  /** Must be called once a minute. A refusal that did not occur again is logged at once the next time. */
  tick(): void {
    for (const lines of this.#kinds.values()) {
      for (const [key, line] of lines) {
        if (line.repeats === 0) lines.delete(key);
        else this.#warn(`${line.message} ({count} more times)`, { ...line.properties, count: line.repeats });
        line.repeats = 0;
      }
    }
    if (this.#others > 0) {
      this.#warn("refused {count} other requests, messages and pushes", { count: this.#others });
    }
    this.#others = 0;
  }

  #log(kind: string, message: string, properties: Record<string, unknown>): void {
    const lines = this.#kinds.getOrInsertComputed(kind, () => new Map<string, Line>());
    const key = JSON.stringify([message, properties]), line = lines.get(key);
    if (line !== undefined) line.repeats++;
    else if (lines.size >= MAX_LINES) this.#others++;
    else {
      lines.set(key, { message, properties, repeats: 0 });
      this.#warn(message, properties);
    }
  }
}

function senderOf({ origin, key }: Pick<RefusedRequest, "origin" | "key">): string {
  if (key === undefined) return origin === undefined ? "a program" : "a page of {origin}";
  return origin === undefined ? "the key {key}" : "the key {key} in a page of {origin}";
}
