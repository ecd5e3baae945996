/** A publisher of the tests: posts to `/v1/notify`, with a journal behind it, and records what is delivered. */

import { assertEquals } from "@std/assert";
import type { Hono } from "hono";
import type { Nodes } from "../../../src/cluster/nodes.ts";
import type { Entry } from "../../../src/journal/journal.ts";
import { MemoryJournal } from "../../../src/journal/memory.ts";
import { testIntake } from "../../sources/test_intake.ts";
import { CONFIG, createTestApp, PUBLISHER_KEY } from "../test_app.ts";
import { TestNodes } from "../test_nodes.ts";

export const HELLO = { target: "alexander", data: { title: "Hello, Alexander Hamilton!" } };

/** The body of a request with {@linkcode HELLO} and these members. */
export function withHello(members: Record<string, unknown>): string {
  return JSON.stringify({ ...HELLO, ...members });
}

export function inTargets(...targets: unknown[]): string {
  return JSON.stringify({ targets, data: 1 });
}

interface Accepted {
  readonly id: string;
  readonly position: string;
  readonly expires: string;
}

/** The answer for one target, or `notifications` for several. */
interface Answer extends Accepted {
  readonly notifications: readonly (Accepted & { readonly target: string | null })[];
}

export class NotifyClient {
  /** What the journal has offered to the hub for alexander, burr and everyone. */
  readonly entries: Entry[] = [];
  readonly queue = { size: 0, capacity: 10_000 };
  isDraining = false;
  readonly #journal = new MemoryJournal(
    { offer: (entry) => this.entries.push(entry) > 0, gap() {} },
    CONFIG.retention,
  );
  readonly #app: Hono;

  /** @param nodes answer the questions about reports */
  constructor(nodes: Nodes = new TestNodes({})) {
    const isDraining = () => this.isDraining;
    const intake = testIntake({ journal: this.#journal, queue: this.queue, isDraining });
    this.#app = createTestApp({ intake, nodes }).app;
    for (const target of ["alexander", "burr"]) this.#journal.follow(target);
  }

  /** The target and the data of each delivered notification. */
  get delivered(): [string | null, unknown][] {
    return this.entries.map(({ target, text }) => [target, JSON.parse(text).data]);
  }

  async post(
    body: BodyInit | null,
    headers: Record<string, string> = {},
    signal: AbortSignal | null = null,
  ): Promise<Response> {
    const authorization = `Bearer ${PUBLISHER_KEY}`;
    return await this.#app.request("/v1/notify", {
      method: "POST",
      body,
      headers: { authorization, ...headers },
      signal,
    });
  }

  /** Sends any request to the app. */
  async request(request: Request): Promise<Response> {
    return await this.#app.request(request);
  }

  /** Posts a body as JSON. Fails unless it is accepted. */
  async publish(body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await this.post(JSON.stringify(body), headers);
    assertEquals([response.status, response.headers.get("content-type")], [202, "application/json"]);
    return await response.json();
  }
}
