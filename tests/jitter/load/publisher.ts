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

/** Resolves with the milliseconds that the slowest answer took. Rejects if the server does not accept a message. */
export async function publishAll(
  { url, language, log, everyMs }: PublisherOptions,
  start: number,
): Promise<number> {
  let slowest = 0;
  for (let seq = 1; seq <= MESSAGES; seq++) {
    await delay(Math.max(0, start + (seq - 1) * everyMs - performance.now()));
    const postedAt = performance.now();
    log.post(seq, postedAt);
    const body = language.body({ seq, text: `message ${seq}` });
    const response = await fetch(url, { method: "POST", body });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`message ${seq} was answered with ${response.status}`);
    log.accept(seq);
    slowest = Math.max(slowest, performance.now() - postedAt);
  }
  return slowest;
}
