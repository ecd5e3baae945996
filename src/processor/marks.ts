/** Marks: has the journal merge what browsers mark as read or unread, and answers the marks that have a ref. */

import { Shares } from "../async/shares.ts";
import type { AnswerSink, ReceivedMessage } from "../connection/read_pump.ts";
import type { ReadChange } from "../journal/read.ts";
import { changeOf } from "../wire/marks.ts";
import { type Problem, toProblem, unavailable } from "../wire/problem.ts";

/** A mark, with the target that it is for, and what takes the answer. */
export interface ReceivedMark {
  readonly target: string;
  readonly message: Extract<ReceivedMessage["message"], { type: "read" | "unread" }>;
  readonly pump: AnswerSink;
}

export interface MarksDeps {
  /** Resolves when the change is kept, or changes nothing. Rejects with a {@linkcode Problem} if it is refused. */
  readonly mark: (target: string, change: ReadChange) => Promise<void>;
  /** How many marks may be under way, in all and for one target. */
  readonly underWay: { readonly capacity: number; readonly share: number };
  /** Called with errors that the browser has not caused. */
  readonly report: (error: unknown) => void;
}

export class Marks {
  readonly #deps: MarksDeps;
  readonly #underWay: Shares;

  constructor(deps: MarksDeps) {
    this.#deps = deps;
    this.#underWay = new Shares(deps.underWay);
  }

  /** Returns at once, so that a slow journal does not delay what other browsers send. */
  take(received: ReceivedMark): void {
    this.#merge(received).then(() => answer(received), (error) => this.#refuse(received, error));
  }

  async #merge({ target, message }: ReceivedMark): Promise<void> {
    if (!this.#underWay.take(target, 1)) throw unavailable("too many marks are under way: send it again");
    try {
      await this.#deps.mark(target, changeOf(message));
    } finally {
      this.#underWay.release(target, 1);
    }
  }

  #refuse(received: ReceivedMark, error: unknown): void {
    const problem = toProblem(error);
    if (problem.status >= 500 && problem.cause !== undefined) this.#deps.report(problem.cause);
    answer(received, problem);
  }
}

/** @param problem undefined: the mark was merged */
function answer({ message: { ref }, pump }: ReceivedMark, problem?: Problem): void {
  if (problem !== undefined) pump.sendMessage({ type: "error", problem, ...(ref !== undefined && { ref }) });
  else if (ref !== undefined) pump.sendMessage({ type: "marked", ref });
}
