/** Pushes against a simple model: none follows an ack or a mark in time, and one always follows without. */

import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { eventually } from "../eventually.ts";
import { NatsServer, test as testWithNats } from "../nats/nats_server.ts";
import { PushDevices } from "./push_devices.ts";
import { Tab } from "./tab.ts";
import { TestService } from "./test_service.ts";

const START = Date.UTC(2026, 6, 4, 9);
const LIMITS = { dueCheckMs: 2, retryMs: 2 };
const TARGETS = ["alexander", "burr"];

type Step =
  | { readonly type: "post"; readonly target: number; readonly after: number }
  | { readonly type: "ack" | "read"; readonly pick: number }
  | { readonly type: "pass"; readonly seconds: number }
  | { readonly type: "restart" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant("post" as const),
      target: fc.nat(1),
      after: fc.integer({ min: 1, max: 30 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constantFrom("ack" as const, "read" as const), pick: fc.nat(20) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant("pass" as const), seconds: fc.integer({ min: 1, max: 20 }) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("restart" as const) }) },
);

/** A notification whose push is to come, unless it is settled. */
interface Posted {
  readonly id: string;
  readonly target: string;
  readonly position: string;
  readonly dueAt: number;
}

/** The service, one tab and one device of each target, and what the model expects. */
class PushSystem implements AsyncDisposable {
  readonly clock = { now: START };
  readonly devices = new PushDevices();
  readonly #environment: Record<string, string>;
  readonly #canRestart: boolean;
  #service: TestService | undefined;
  readonly #tabs = new Map<string, { readonly tab: Tab; readonly received: Set<string> }>();
  #posted = 0;
  #open: Posted[] = [];
  readonly #expected: string[] = [];

  constructor(environment: Record<string, string>, { canRestart }: { canRestart: boolean }) {
    this.#environment = environment;
    this.#canRestart = canRestart;
  }

  async start(): Promise<void> {
    await this.#connect();
    for (const target of [...TARGETS, "last"]) await this.devices.subscribe(this.service.url, { target });
  }

  get service(): TestService {
    assert(this.#service !== undefined);
    return this.#service;
  }

  async run(step: Step): Promise<void> {
    switch (step.type) {
      case "post":
        return await this.#post(TARGETS[step.target] ?? "", step.after);
      case "ack":
      case "read":
        return await this.#settle(step.type, step.pick);
      case "pass":
        this.clock.now += 1000 * step.seconds;
        return await this.#assertAgrees();
      case "restart":
        if (!this.#canRestart) return;
        await this.#disconnect();
        await this.#connect();
        return await this.#assertAgrees();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#disconnect();
    await this.devices[Symbol.asyncDispose]();
  }

  async #connect(): Promise<void> {
    this.#service = await TestService.start(this.#environment, { limits: LIMITS, now: () => this.clock.now });
    for (const target of TARGETS) {
      const { tab } = await Tab.open(this.#service.port, { target, after: "earliest" });
      this.#tabs.set(target, { tab, received: new Set() });
    }
  }

  async #disconnect(): Promise<void> {
    for (const { tab } of this.#tabs.values()) await tab.close();
    await this.#service?.stop();
  }

  async #post(target: string, after: number): Promise<void> {
    const id = `${++this.#posted}`, dueAt = this.clock.now + 1000 * after;
    const { position } = await this.service.notify({ target, data: 1, id, push: { after } });
    this.#open.push({ id, target, position: String(position), dueAt });
  }

  /** Acks or reads a notification whose push is not due yet. */
  async #settle(type: "ack" | "read", pick: number): Promise<void> {
    const one = this.#open[pick % Math.max(1, this.#open.length)];
    if (one === undefined) return;
    const { id, target, position } = one, open = this.#tabs.get(target);
    assert(open !== undefined);
    while (!open.received.has(id)) open.received.add((await open.tab.next()).id);
    const message = type === "ack" ? { type, ids: [id] } : { type, positions: [position] };
    open.tab.send(JSON.stringify(message));
    const count = type === "ack" ? "acked" : "read";
    await eventually(async () =>
      (await (await fetch(`${this.service.url}/v1/notifications/${id}`)).json())[count] === 1
    );
    this.#open = this.#open.filter((other) => other !== one);
  }

  /** What is due has been pushed, and nothing else. */
  async #assertAgrees(): Promise<void> {
    const due = this.#open.filter(({ dueAt }) => dueAt <= this.clock.now);
    this.#open = this.#open.filter((one) => !due.includes(one));
    this.#expected.push(...due.map(({ id }) => id));
    const last = `last-${++this.#posted}`;
    await this.service.notify({ target: "last", data: 1, id: last, push: { after: 0 } });
    this.#expected.push(last);
    await eventually(() => this.#expected.every((id) => this.devices.ids.includes(id)), "what is due");
    assertEquals(this.devices.ids.toSorted(), this.#expected.toSorted());
  }
}

async function check(
  environment: (run: number) => Record<string, string>,
  { numRuns, canRestart = true }: { numRuns: number; canRestart?: boolean },
): Promise<void> {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      await using system = new PushSystem(environment(++run), { canRestart });
      await system.start();
      for (const one of [...steps, { type: "pass", seconds: 60 } as const]) await system.run(one);
    }),
    { numRuns },
  );
}

Deno.test("A push follows exactly what was neither acked nor read in time, with the memory journal", async () => {
  await check(() => ({}), { numRuns: 12, canRestart: false });
});

Deno.test("A push follows exactly what was neither acked nor read in time, with the SQLite journal and restarts", async () => {
  const folder = await Deno.makeTempDir();
  await check((run) => ({ TIDINGS_JOURNAL: `sqlite:${folder}/${run}.db` }), { numRuns: 8 });
  await Deno.remove(folder, { recursive: true });
});

testWithNats(
  "A push follows exactly what was neither acked nor read in time, with the NATS journal and restarts",
  async () => {
    await using server = await NatsServer.started();
    await check((run) => ({ TIDINGS_JOURNAL: server.url(`s${run}`) }), {
      numRuns: 4,
    });
  },
);
