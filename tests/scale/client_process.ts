/** A process with tabs, which the coordinator asks what has happened there. */

import type { ClientPlan, Question, Tally, Verdict } from "./clients/protocol.ts";
import { linesOf } from "./lines.ts";

const PROGRAM = new URL("clients/main.ts", import.meta.url).pathname;
const encoder = new TextEncoder();

/** The answer to each kind of question. */
interface Answers {
  readonly tally: Tally;
  readonly verdict: Verdict;
}

export class ClientProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #lines: AsyncGenerator<string, void>;
  #last: Promise<unknown> = Promise.resolve();

  constructor(plan: ClientPlan) {
    const args = ["run", "--allow-net", "--allow-read", PROGRAM, JSON.stringify(plan)];
    this.#child = new Deno.Command(Deno.execPath(), {
      args,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    })
      .spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#lines = linesOf(this.#child.stdout);
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Questions are answered one after the other. */
  ask<Q extends Question>(question: Q): Promise<Answers[Q["ask"]]> {
    const answer = this.#last.then(async () => {
      await this.#input.write(encoder.encode(`${JSON.stringify(question)}\n`));
      const { done, value } = await this.#lines.next();
      if (done) throw new Error("a process with tabs has ended");
      return JSON.parse(value);
    });
    this.#last = answer.catch(() => {});
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
    await this.#input.abort().catch(() => {}); // the process has taken the other end with it
    await this.#lines.return();
    await this.#child.stdout.cancel().catch(() => {}); // it is locked if a line was being read
  }
}
