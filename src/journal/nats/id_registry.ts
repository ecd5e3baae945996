/** Registers when each publisher-chosen id was first used, and for what, to recognise repeats. */

import { isSequenceConflict } from "../../nats/api_error.ts";
import type { NatsLink } from "../../nats/link.ts";
import { encodeToken } from "../../nats/subjects.ts";
import { idsStream } from "./streams.ts";

/** The first use of an id, as it is stored. */
export interface IdClaim {
  /** The digest of the content. */
  readonly digest: string;
  /** Milliseconds since 1970, by the clock of the node that made the claim. */
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

  /** Resolves with the claim that holds for the id: an older one that is still in the window, otherwise this one. */
  async claim(id: string, { digest, sentAt }: IdClaim): Promise<IdClaim> {
    const subject = `${this.#stream}.id.${encodeToken(id)}`;
    for (let last = 0;;) {
      if (await this.#write(subject, { claim: { digest, sentAt }, last })) return { digest, sentAt };
      const stored = await this.#link.manager.streams.getMessage(idsStream(this.#stream), {
        last_by_subj: subject,
      });
      const claim = stored === null ? undefined : parseClaim(stored.string());
      if (claim !== undefined && claim.sentAt + this.#windowMs > sentAt) return claim;
      last = stored?.seq ?? 0;
    }
  }

  /** Resolves to false if `last` is not the sequence number of the id's latest claim. */
  async #write(subject: string, { claim, last }: { claim: IdClaim; last: number }): Promise<boolean> {
    try {
      const expect = { lastSubjectSequence: last };
      await this.#link.jetstream.publish(subject, JSON.stringify(claim), { expect });
      return true;
    } catch (error) {
      if (isSequenceConflict(error)) return false;
      throw error;
    }
  }
}

/** Undefined if it is not what a node has stored: it then holds for nothing, and the next claim takes its place. */
function parseClaim(text: string): IdClaim | undefined {
  try {
    const { digest, sentAt } = Object(JSON.parse(text));
    return typeof digest === "string" && typeof sentAt === "number" ? { digest, sentAt } : undefined;
  } catch {
    return undefined;
  }
}
