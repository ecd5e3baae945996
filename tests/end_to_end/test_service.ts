/** A service for tests, which runs in the test's process on a free port. */

import { assert, assertEquals } from "@std/assert";
import { configFrom } from "../../src/config/config.ts";
import { LIMITS, type Limits } from "../../src/config/limits.ts";
import { serve, type Service } from "../../src/service/service.ts";
import { eventually } from "../eventually.ts";

const TEST_ENVIRONMENT = { PORT: "0", TIDINGS_DRAIN_SECONDS: "2", TIDINGS_JOURNAL: "memory:" };

export class TestService implements AsyncDisposable {
  readonly #service: Service;
  #stopping: Promise<void> | undefined;

  private constructor(service: Service) {
    this.#service = service;
  }

  /** @param environment its variables; without secrets it runs in development mode */
  static async start(
    environment: Record<string, string> = {},
    { limits = {}, now = Date.now }: { limits?: Partial<Limits>; now?: () => number } = {},
  ): Promise<TestService> {
    const config = configFrom({ ...TEST_ENVIRONMENT, ...environment });
    return new TestService(await serve(config, { limits: { ...LIMITS, ...limits }, now }));
  }

  get port(): number {
    return this.#service.port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Posts notifications, and fails if they are not accepted. */
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

  /** Resolves when the hub has this number of connections, of the target or (null) of all. */
  async waitForConnections(count: number, target: string | null = null): Promise<void> {
    const hasCount = async () => (await this.#service.connectionsOf(target)).length === count;
    await eventually(hasCount, `${count} connections`);
  }

  /** Resolves when Alexander can open one more connection, without opening it. */
  async waitForCapacity(): Promise<void> {
    await eventually(async () => {
      const response = await fetch(`${this.url}/v1/connect?target=alexander`);
      await response.body?.cancel();
      assert([426, 429, 503].includes(response.status), `${response.status}`);
      return response.status === 426; // only the upgrade is missing
    }, "room for a connection");
  }

  /** Stops the service, and fails if a part of it had failed. */
  stop(): Promise<void> {
    return this.#stopping ??= this.#service.stop().then(() =>
      assertEquals(this.#service.failures.drain(), [])
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
