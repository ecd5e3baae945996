/** Publishes one queue message, and answers the queue depending on the outcome. */

import type { JsMsg } from "@nats-io/jetstream";
import { Problem } from "../../wire/problem.ts";
import type { StoreDeadLetter } from "./dead_letters.ts";
import { publish, type PublishDeps } from "../publish.ts";
import { keyOf, textOf, traceOf } from "./message.ts";

export interface QueueHandlerDeps {
  readonly intake: PublishDeps;
  readonly storeDeadLetter: StoreDeadLetter;
  /** Called with errors that are not the message's own fault. */
  readonly report: (error: unknown) => void;
  /** Logs each dead letter. */
  readonly log: Record<"warn", (message: string, properties: Record<string, unknown>) => void>;
  readonly metrics: { deadLettered(): void };
  /** Called when nothing can be accepted for this long. */
  readonly pause: (ms: number) => void;
  /** Delay before the first repeat of a message. It doubles with each further one. */
  readonly retryMs: number;
}

/** Resolves when the queue has its answer: ack, nak or term. */
export type QueueHandler = (message: JsMsg) => Promise<void>;

const MAX_DOUBLINGS = 6;

export function createQueueHandler(
  { intake, storeDeadLetter, report, log, metrics, pause, retryMs }: QueueHandlerDeps,
): QueueHandler {
  /** For a message that can never be accepted. */
  async function moveToDeadLetters(message: JsMsg, problem: Problem): Promise<void> {
    await storeDeadLetter(message, problem);
    metrics.deadLettered();
    const properties = { sequence: message.seq, kind: problem.kind };
    log.warn("queue message {sequence} was stored as a dead letter: {kind}", properties);
    message.term();
  }

  /** For a time when no message can be accepted. */
  function postpone(message: JsMsg, { headers }: Problem): void {
    const ms = 1000 * Number(headers["retry-after"] ?? 1);
    pause(ms);
    message.nak(ms);
  }

  /** For a failure that concerns only this message. */
  function retry(message: JsMsg, error: unknown): void {
    report(error);
    message.nak(retryMs * 2 ** Math.min(message.info.deliveryCount - 1, MAX_DOUBLINGS));
  }

  return async function handle(message) {
    try {
      const key = { fallback: keyOf(message) };
      await publish({ json: textOf(message), key, trace: traceOf(message) }, intake);
    } catch (error) {
      if (!(error instanceof Problem)) return retry(message, error);
      if (error.status === 503) return postpone(message, error);
      if (error.status >= 500) return retry(message, error);
      return await moveToDeadLetters(message, error).catch((reason) => retry(message, reason));
    }
    message.ack();
  };
}
