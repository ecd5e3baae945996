/** Registers when each publisher-chosen id was first used, and for what, to recognise repeats. */

import type { NatsLink } from "../../nats/link.ts";
import { encodeToken } from "../../nats/subjects.ts";
import { isTime } from "../../wire/time.ts";
import { publishAfter } from "../../nats/publish_after.ts";
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
    const payload = JSON.stringify({ digest, sentAt });
    for (let last = 0;;) {
      if (await publishAfter(this.#link, { subject, payload, last })) return { digest, sentAt };
      const stored = await this.#link.manager.streams.getMessage(idsStream(this.#stream), {
        last_by_subj: subject,
      });
      const claim = stored === null ? undefined : parseClaim(stored.string());
      if (claim !== undefined && claim.sentAt + this.#windowMs > sentAt) return claim;
      last = stored?.seq ?? 0;
    }
  }
}

/** Undefined if it is not what a node has stored: it then holds for nothing, and the next claim takes its place. */
function parseClaim(text: string): IdClaim | undefined {
  try {
    const { digest, sentAt } = Object(JSON.parse(text));
    return typeof digest === "string" && isTime(sentAt) ? { digest, sentAt } : undefined;
  } catch {
    return undefined;
  }
}
