/** Dead letters: messages of the queue that nothing can be made of, kept with the problem for somebody to look at. */

import type { JsMsg } from "@nats-io/jetstream";
import { headers } from "@nats-io/nats-core";
import type { NatsLink } from "../../nats/link.ts";
import type { Problem } from "../../wire/problem.ts";
import { dead } from "./stream.ts";

/** Resolves when the message is kept. */
export type KeepDeadLetter = (message: JsMsg, problem: Problem) => Promise<void>;

const MAX_HEADER = 8 * 1024;
const HEADERS_BYTES = MAX_HEADER + 1024;
const MIN_PART = 1024;

/**
 * A dead letter has the bytes of its message, and the headers `Tidings-Problem`, `Tidings-Sequence` (of the message)
 * and `Tidings-Part`, which is `1/1` unless its headers leave too little of what the server takes at once.
 */
export function deadLetters(link: NatsLink, stream: string): KeepDeadLetter {
  return async function keep({ data, seq }, problem) {
    const partBytes = Math.max(MIN_PART, (link.connection.info?.max_payload ?? 0) - HEADERS_BYTES);
    const parts = Math.max(1, Math.ceil(data.length / partBytes));
    for (let part = 1; part <= parts; part++) {
      const letter = headers();
      letter.set("Tidings-Problem", onOneLine(problem));
      letter.set("Tidings-Sequence", String(seq));
      letter.set("Tidings-Part", `${part}/${parts}`);
      await link.jetstream.publish(dead(stream), data.subarray((part - 1) * partBytes, part * partBytes), {
        headers: letter,
        msgID: `${dead(stream)} ${seq} ${part}/${parts}`, // publishers' ids are remembered beside it
        expect: { streamName: stream },
      });
    }
  };
}

/** The problem document in ASCII. What is wrong may quote the message, as long as that may be. */
function onOneLine(problem: Problem): string {
  const whole = ascii(problem.toJSON());
  if (whole.length <= MAX_HEADER) return whole;
  const { errors: _, ...rest } = problem.toJSON();
  return ascii({ ...rest, detail: problem.message.slice(0, MAX_HEADER / 16) });
}

function ascii(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
