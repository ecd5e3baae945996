/** Publishes to one node after the other until one accepts, as a backend does, and remembers what was accepted. */

import { now } from "./stage.ts";
import { delay } from "../bench/load/delay.ts";
import type { Accepted } from "./clients/protocol.ts";

/** What became of one call. Times are milliseconds since 1970. */
export interface Publication {
  readonly serial: number;
  readonly id: string;
  readonly sentAt: number;
}

const RETRY_MS = 20, ANSWER_MS = 30_000;

export class Publisher {
  /** Everything that was answered with 202. */
  readonly accepted: Accepted[] = [];
  readonly #urls: () => readonly string[];
  #serial = 0;

  /** @param urls returns those of the nodes that run */
  constructor(urls: () => readonly string[]) {
    this.#urls = urls;
  }

  /** @param target null: everyone */
  async publish(target: string | null, { acks = false }: { acks?: boolean } = {}): Promise<Publication> {
    const serial = ++this.#serial, id = `scale-${serial}`;
    const to = target === null ? { everyone: true } : { target };
    const body = JSON.stringify({ id, ...to, data: { serial, ...acks && { acks } } });
    const sentAt = now();
    for (let attempt = serial; await this.#post(attempt, body) !== 202; attempt++) await delay(RETRY_MS);
    this.accepted.push({ serial, target });
    return { serial, id, sentAt };
  }

  /** Resolves with the status, or with null if there is no answer. The id makes it safe to repeat the request. */
  async #post(attempt: number, body: string): Promise<number | null> {
    const urls = this.#urls(), url = `${urls[attempt % urls.length]}/v1/notify`;
    try {
      const response = await fetch(url, { method: "POST", body, signal: AbortSignal.timeout(ANSWER_MS) });
      const text = await response.text();
      if (response.status !== 202 && response.status !== 503) {
        throw new RangeError(`${url} answered: ${text}`);
      }
      return response.status;
    } catch (error) {
      if (error instanceof RangeError) throw error;
      return null;
    }
  }
}
