/** Answering: the questions of other nodes that this one is answering. */

import { MAX_MISSED } from "./membership.ts";
import { QuestionMessage } from "./messages.ts";
import { asked, parseReplySubject, WORKING } from "./subjects.ts";
import type { NatsBus } from "./nats_bus.ts";
import type { Question } from "../nodes.ts";
import type { LocalResponder } from "../local_responder.ts";

export interface ResponderDeps {
  readonly node: string;
  readonly stream: string;
  readonly talk: Pick<NatsBus, "hear" | "say">;
  readonly own: LocalResponder;
  isMember(node: string): boolean;
  /** Told what could not be answered. */
  report(error: unknown): void;
}

/** A question that is being answered, and for how many beats its asker has not been there. */
interface OpenQuestion {
  readonly asker: string;
  readonly over: AbortController;
  missed: number;
}

const MAX_AT_ONCE = 16_384;

export class Responder {
  readonly #deps: ResponderDeps;
  readonly #works = new Map<string, OpenQuestion>(); // by their reply subjects

  constructor(deps: ResponderDeps) {
    this.#deps = deps;
    const { node, stream, talk } = deps;
    talk.hear(asked(stream, node), { take: (said, { reply }) => this.#hear(said, reply) });
  }

  /** Tells every asker which of its questions are being answered, and drops those of askers that are gone. */
  beat(): void {
    const { node, talk } = this.#deps;
    const working = new Map<string, string[]>();
    for (const [reply, work] of this.#works) {
      work.missed = this.#deps.isMember(work.asker) ? 0 : work.missed + 1;
      if (work.missed >= MAX_MISSED) {
        this.#drop(reply);
        continue;
      }
      const { inbox, number } = parseReplySubject(reply);
      working.getOrInsertComputed(inbox, () => []).push(number);
    }
    for (const [inbox, numbers] of working) talk.say(`${inbox}.${WORKING}`, { node, working: numbers });
  }

  close(): void {
    for (const reply of this.#works.keys()) this.#drop(reply);
  }

  /** What it cannot understand it answers too, so that another version of this program is not left waiting. */
  #hear(said: unknown, reply: string): void {
    const { success, data, error } = QuestionMessage.safeParse(said);
    if (!success) {
      if (reply !== "") this.#deps.talk.say(reply, { failed: "does not understand the question" });
      throw error;
    }
    if ("enough" in data) return this.#drop(reply);
    const { node: asker, question } = data;
    if (reply === "") throw new Error("nobody is to be answered");
    if (this.#works.size >= MAX_AT_ONCE) return this.#deps.talk.say(reply, { failed: "is asked too much" });
    this.#answer(question, { asker, reply }).catch((error) => this.#deps.report(error));
  }

  async #answer(question: Question, { asker, reply }: { asker: string; reply: string }): Promise<void> {
    const { own, talk } = this.#deps;
    const work: OpenQuestion = { asker, over: new AbortController(), missed: 0 };
    this.#works.set(reply, work);
    const { node: _, ...answer } = await own.answer(question, work.over.signal);
    if (this.#works.get(reply) !== work) return; // nobody waits for it
    this.#works.delete(reply);
    try {
      talk.say(reply, answer);
    } catch (error) {
      talk.say(reply, { failed: "gave an answer that is too large" });
      throw error;
    }
  }

  #drop(reply: string): void {
    this.#works.get(reply)?.over.abort();
    this.#works.delete(reply);
  }
}
