/** Posts notifications, and repeats by id each that is not answered with 202, as a backend should. */

import { PUBLISHER } from "../../deploy/nodes.ts";
import type { Ledger } from "./ledger.ts";
import type { Outgoing } from "./outgoing.ts";
import { pause } from "./subscriber.ts";

const ANSWER_MS = 5_000, RETRY_MS = 50;

export class HttpPublisher implements Disposable {
  readonly #url: string;
  readonly #ledger: Ledger;
  #client = Deno.createHttpClient({});

  constructor(port: number, ledger: Ledger) {
    this.#url = `http://127.0.0.1:${port}/v1/notify`;
    this.#ledger = ledger;
  }

  /** Resolves when the notification is accepted, is refused although no fault excuses that, or the signal aborts. */
  async publish({ id, target, body }: Outgoing, signal?: AbortSignal): Promise<void> {
    const sentAt = performance.now();
    this.#ledger.sent.set(id, target);
    while (!signal?.aborted) {
      const { status, position } = await this.#post(JSON.stringify(body));
      this.#ledger.count(status);
      if (status === 202) {
        this.#ledger.accepted.push({ id, target, position, sentAt, acceptedAt: performance.now() });
        return;
      }
      if (status !== "none" && status !== 503) {
        this.#ledger.refusals.push(`${id} was answered with ${status}`);
        return;
      }
      this.#reconnect();
      await pause(RETRY_MS, signal);
    }
    this.#ledger.refusals.push(`${id} has not been accepted in time`);
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }

  async #post(body: string): Promise<{ status: number | "none"; position: string }> {
    try {
      const signal = AbortSignal.timeout(ANSWER_MS), headers = PUBLISHER, client = this.#client;
      const response = await fetch(this.#url, { method: "POST", headers, body, signal, client });
      const { position } = await response.json();
      return { status: response.status, position };
    } catch {
      return { status: "none", position: "" };
    }
  }

  /** The next attempt may reach another node, as with a balancer that checks their health. */
  #reconnect(): void {
    this.#client.close();
    this.#client = Deno.createHttpClient({});
  }
}
