/** A service that runs for a test, in the same process, on a free port; and what tests ask of it. */

import { assert, assertEquals } from "@std/assert";
import { serve, type Service } from "../../src/service/service.ts";
import { configFrom } from "../../src/config/config.ts";
import { LIMITS, type Limits } from "../../src/config/limits.ts";

export const OF_A_TEST = { PORT: "0", TIDINGS_DRAIN_SECONDS: "2", TIDINGS_JOURNAL: "memory:" };

export class Running implements AsyncDisposable {
  readonly #service: Service;
  #stopping: Promise<void> | undefined;

  private constructor(service: Service) {
    this.#service = service;
  }

  /** @param environment of the service; without secrets it is in development mode */
  static async started(
    environment: Record<string, string> = {},
    limits: Partial<Limits> = {},
    now: () => number = Date.now,
  ): Promise<Running> {
    const config = configFrom({ ...OF_A_TEST, ...environment });
    return new Running(await serve(config, { limits: { ...LIMITS, ...limits }, now }));
  }

  get port(): number {
    return this.#service.port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Posts to the webhook. Fails if it is not accepted. */
  async notify(body: unknown, headers: Record<string, string> = {}): Promise<Record<string, unknown>> {
    const response = await fetch(`${this.url}/v1/notify`, {
      method: "POST",
      body: JSON.stringify(body),
      headers,
    });
    const answer = await response.json();
    assertEquals(response.status, 202, JSON.stringify(answer));
    return answer;
  }

  /** How many connections the hub holds, once it is that many; a test that waits in vain runs into its time limit. */
  async holds(count: number, target: string | null = null): Promise<void> {
    while ((await this.#service.connectionsOf(target)).length !== count) await soon();
  }

  /** Once one more connection of Alexander's is possible; takes no slot itself. */
  async hasRoom(): Promise<void> {
    for (;;) {
      const response = await fetch(`${this.url}/v1/connect?target=alexander`);
      await response.body?.cancel();
      if (response.status === 426) return;
      assert(response.status === 503 || response.status === 429, `${response.status}`);
      await soon();
    }
  }

  /** Stops it, once, and fails if a part of it had failed. */
  stop(): Promise<void> {
    return this.#stopping ??= this.#service.stop().then(() =>
      assertEquals(this.#service.failures.drain(), [])
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** A moment later, for what has to be asked again and again. */
export function soon(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 2));
}
