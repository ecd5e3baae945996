/** Dead letters: queue messages that can never be accepted, stored with the problem for an operator to inspect. */

import type { JsMsg } from "@nats-io/jetstream";
import { headers } from "@nats-io/nats-core";
import type { NatsLink } from "../../nats/link.ts";
import type { Problem } from "../../wire/problem.ts";
import { deadLetterSubject } from "./stream.ts";

/** Resolves when the message is stored as a dead letter. */
export type StoreDeadLetter = (message: JsMsg, problem: Problem) => Promise<void>;

const MAX_PROBLEM_BYTES = 8 * 1024;
const HEADERS_BYTES = MAX_PROBLEM_BYTES + 1024;
const MIN_PART_BYTES = 1024;

/**
 * A dead letter has the bytes of its message, and the headers `Tidings-Problem`, `Tidings-Sequence` (of the message)
 * and `Tidings-Part`. The part is `1/1`, unless the message and the headers together exceed what the server accepts.
 */
export function createDeadLetterStore(link: NatsLink, stream: string): StoreDeadLetter {
  const subject = deadLetterSubject(stream);
  return async function store({ data, seq }, problem) {
    const partBytes = Math.max(MIN_PART_BYTES, (link.connection.info?.max_payload ?? 0) - HEADERS_BYTES);
    const parts = Math.max(1, Math.ceil(data.length / partBytes));
    for (let part = 1; part <= parts; part++) {
      const header = headers();
      header.set("Tidings-Problem", toHeader(problem));
      header.set("Tidings-Sequence", String(seq));
      header.set("Tidings-Part", `${part}/${parts}`);
      await link.jetstream.publish(subject, data.subarray((part - 1) * partBytes, part * partBytes), {
        headers: header,
        msgID: `${subject} ${seq} ${part}/${parts}`, // the prefix keeps it apart from the publishers' message ids
        expect: { streamName: stream },
      });
    }
  };
}

/** The problem document in ASCII. Its errors may quote the message, so they are left out if they are too long. */
function toHeader(problem: Problem): string {
  const whole = toAsciiJson(problem.toJSON());
  if (whole.length <= MAX_PROBLEM_BYTES) return whole;
  const { errors: _, ...rest } = problem.toJSON();
  return toAsciiJson({ ...rest, detail: problem.message.slice(0, MAX_PROBLEM_BYTES / 16) });
}

function toAsciiJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
