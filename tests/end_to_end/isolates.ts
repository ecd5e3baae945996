/** A service of several isolates for tests, whose workers a test can have fail. */

import { assertEquals } from "@std/assert";
import { configFrom } from "../../src/config/config.ts";
import { LIMITS } from "../../src/config/limits.ts";
import { serve, type Service } from "../../src/service/service.ts";
import { eventually } from "../eventually.ts";
import type { WorkerEnd } from "./failing_worker.ts";
import { Tab } from "./tab.ts";

const ENVIRONMENT = {
  PORT: "0",
  TIDINGS_WORKERS: "2",
  TIDINGS_JOURNAL: "memory:",
  TIDINGS_DRAIN_SECONDS: "8",
};
const ENTRY = new URL("failing_worker.ts", import.meta.url);

export interface ListedConnection {
  readonly id: string;
  readonly node: string;
}

export class Isolates implements AsyncDisposable {
  readonly #service: Service;
  readonly #workers: readonly Worker[];

  private constructor(service: Service, workers: readonly Worker[]) {
    this.#service = service;
    this.#workers = workers;
  }

  static async start(environment: Record<string, string> = {}): Promise<Isolates> {
    const workers: Worker[] = [];
    const spawn = (name: string) => {
      const worker = new Worker(ENTRY, { type: "module", name });
      workers.push(worker);
      return worker;
    };
    const limits = { ...LIMITS, heartbeatMs: 20, lingerMs: 20 };
    return new Isolates(
      await serve(configFrom({ ...ENVIRONMENT, ...environment }), { limits, spawn }),
      workers,
    );
  }

  get port(): number {
    return this.#service.port;
  }

  /** The number of workers that were ever started. */
  get started(): number {
    return this.#workers.length;
  }

  /**
   * Requests a path over a connection of its own, which any of the isolates accepts. Like any client it tries again if the
   * connection breaks: the kernel resets those that wait for an isolate which goes.
   */
  async request(
    path: string,
    init: RequestInit = {},
  ): Promise<{ status: number; text: string; headers: Headers }> {
    using client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
    try {
      const response = await fetch(`http://127.0.0.1:${this.port}${path}`, { ...init, client });
      const { status, headers } = response;
      return { status, headers, text: await response.text() };
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      return await this.request(path, init);
    }
  }

  async notify(body: unknown): Promise<void> {
    const { status, text } = await this.request("/v1/notify", { method: "POST", body: JSON.stringify(body) });
    assertEquals(status, 202, text);
  }

  /** Asks again when an isolate fails before it has answered: then the service says nothing, and not a part of it. */
  async connectionsOf(target: string): Promise<readonly ListedConnection[]> {
    const { status, text } = await this.request(`/v1/targets/${target}`);
    if (status === 503) return await this.connectionsOf(target);
    assertEquals(status, 200, text);
    return JSON.parse(text).connections;
  }

  /** Opens tabs of a target until every isolate has one. Returns them by the isolate that has them. */
  async openEverywhere(target: string, isolates = 2): Promise<Map<string, { tab: Tab; position: string }[]>> {
    const opened = new Map<string, { tab: Tab; position: string }>();
    for (;;) {
      const { tab, welcome } = await Tab.open(this.port, { target });
      opened.set(welcome.connection, { tab, position: welcome.position });
      const listed = (await this.connectionsOf(target)).filter(({ id }) => opened.has(id));
      const byNode = Map.groupBy(listed, ({ node }) => node);
      if (byNode.size < isolates || listed.length < opened.size) continue;
      const tabsOf = (of: readonly ListedConnection[]) => of.flatMap(({ id }) => opened.get(id) ?? []);
      return new Map([...byNode].map(([node, of]) => [node, tabsOf(of)]));
    }
  }

  /** The isolate that owns the journal, by the name that it has in answers. */
  async owner(): Promise<string> {
    const { tab, welcome } = await Tab.open(this.port, { target: "whoever" });
    let node: string | undefined;
    await eventually(async () => {
      const ids = (await this.#service.connectionsOf("whoever")).map(({ id }) => id);
      const listed = await this.connectionsOf("whoever");
      const own = listed.find(({ id }) => id === welcome.connection);
      const isOwners = ids.includes(welcome.connection);
      if (own !== undefined && isOwners) node = own.node;
      return own !== undefined;
    });
    await tab.close();
    return node ?? await this.owner();
  }

  /** Has all workers end. */
  fail(end: WorkerEnd = "throw"): void {
    const channel = new BroadcastChannel("fail");
    channel.postMessage(end);
    channel.close();
  }

  async stop(): Promise<void> {
    await this.#service.stop();
    assertEquals(this.#service.failures.drain(), []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
