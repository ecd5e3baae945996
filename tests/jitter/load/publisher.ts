/** Publishes the messages at their times, one after the other. */

import { delay } from "../../bench/load/delay.ts";
import { MESSAGES } from "../scenario.ts";
import type { Language } from "./dialect.ts";
import type { Log } from "./log.ts";

export interface PublisherOptions {
  readonly url: string;
  readonly language: Pick<Language, "body">;
  readonly log: Log;
  readonly everyMs: number;
}

/** Resolves with how late each message was posted, in milliseconds. Rejects if the server does not accept one. */
export async function publishAll(
  { url, language, log, everyMs }: PublisherOptions,
  start: number,
): Promise<number[]> {
  const lateness: number[] = [];
  for (let seq = 1; seq <= MESSAGES; seq++) {
    const due = start + (seq - 1) * everyMs;
    await delay(Math.max(0, due - performance.now()));
    lateness.push(performance.now() - due);
    log.post(seq);
    const body = language.body({ seq, text: `message ${seq}` });
    const response = await fetch(url, { method: "POST", body });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`message ${seq} was answered with ${response.status}`);
    log.accept(seq);
  }
  return lateness;
}
