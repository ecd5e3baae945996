/** The work on a message of the queue: it is taken, and what came of that decides how the queue is answered. */

import type { JsMsg } from "@nats-io/jetstream";
import { Problem } from "../../wire/problem.ts";
import type { KeepDeadLetter } from "./dead_letters.ts";
import type { Intake } from "../intake.ts";
import { publish } from "../publish.ts";
import { keyOf, textOf } from "./message.ts";

/** What the work is done with. */
export interface QueueWorkDeps {
  readonly intake: Pick<Intake, "accept">;
  readonly keepDead: KeepDeadLetter;
  /** Told what went wrong with a message that is not its own fault. */
  readonly report: (error: unknown) => void;
  /** Told of each dead letter. */
  readonly log: Record<"warn", (message: string, properties: Record<string, unknown>) => void>;
  /** Told that nothing can be taken for so long. */
  readonly pause: (ms: number) => void;
  /** Before a message is repeated; then twice as long, and so on. */
  readonly retryMs: number;
}

/** Resolves when the message has its answer. */
export type QueueWork = (message: JsMsg) => Promise<void>;

const MAX_DOUBLINGS = 6;

export function queueWork({ intake, keepDead, report, log, pause, retryMs }: QueueWorkDeps): QueueWork {
  /** It can never be taken. */
  async function bury(message: JsMsg, problem: Problem): Promise<void> {
    await keepDead(message, problem);
    const properties = { sequence: message.seq, kind: problem.kind };
    log.warn("message {sequence} of the queue is a dead letter: {kind}", properties);
    message.term();
  }

  /** It cannot be taken now, and neither can others. */
  function postpone(message: JsMsg, { headers }: Problem): void {
    const ms = 1000 * Number(headers["retry-after"] ?? 1);
    pause(ms);
    message.nak(ms);
  }

  function repeat(message: JsMsg, error: unknown): void {
    report(error);
    message.nak(retryMs * 2 ** Math.min(message.info.deliveryCount - 1, MAX_DOUBLINGS));
  }

  return async function work(message) {
    try {
      await publish({ json: textOf(message), key: { unlessId: keyOf(message) } }, intake);
    } catch (error) {
      if (!(error instanceof Problem)) return repeat(message, error);
      if (error.status === 503) return postpone(message, error);
      if (error.status >= 500) return repeat(message, error);
      return await bury(message, error).catch((reason) => repeat(message, reason));
    }
    message.ack();
  };
}
