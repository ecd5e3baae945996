/** Claims: who was first to use an id, when and for what. The repeats of a notification are known by it. */

import { isOvertaken } from "../../nats/api_error.ts";
import type { NatsLink } from "../../nats/link.ts";
import { tokenOf } from "../../nats/subjects.ts";
import { idsStream } from "./streams.ts";

/** What an id was first used for. */
export interface IdClaim {
  readonly digest: string;
  /** Milliseconds since 1970, of the node that claimed it. */
  readonly sentAt: number;
}

export class IdRegistry {
  readonly #link: NatsLink;
  readonly #stream: string;
  readonly #windowMs: number;

  constructor(link: NatsLink, { stream, windowMs }: { stream: string; windowMs: number }) {
    this.#link = link;
    this.#stream = stream;
    this.#windowMs = windowMs;
  }

  /** The claim that holds for the id: this one, unless there is an older one that is not over yet. */
  async claim(id: string, { digest, sentAt }: IdClaim): Promise<IdClaim> {
    const subject = `${this.#stream}.id.${tokenOf(id)}`;
    for (let last = 0;;) {
      if (await this.#write(subject, { claim: { digest, sentAt }, last })) return { digest, sentAt };
      const stored = await this.#link.manager.streams.getMessage(idsStream(this.#stream), {
        last_by_subj: subject,
      });
      const claim = stored?.json<IdClaim>();
      if (claim !== undefined && claim.sentAt + this.#windowMs > sentAt) return claim;
      last = stored?.seq ?? 0;
    }
  }

  /** False: the last claim of the id is another one than this follows. */
  async #write(subject: string, { claim, last }: { claim: IdClaim; last: number }): Promise<boolean> {
    try {
      const expect = { lastSubjectSequence: last };
      await this.#link.jetstream.publish(subject, JSON.stringify(claim), { expect });
      return true;
    } catch (error) {
      if (isOvertaken(error)) return false;
      throw error;
    }
  }
}
