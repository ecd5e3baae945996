/** ServiceSlots: what a push service holds, what waits for it, and what is turned away. */

import { assert, assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import fc from "fast-check";
import { ServiceSlots } from "../../src/push/service_slots.ts";

const STALLED_MS = 1_000;

/** Slots of which a test sees which sendings hold one, and ends them by their names. */
class Sendings {
  readonly under: string[] = [];
  readonly turnedAway: string[] = [];
  readonly #slots: ServiceSlots;
  readonly #ends = new Map<string, (error?: Error) => void>();

  constructor(size: number) {
    this.#slots = new ServiceSlots({ size, stalledMs: STALLED_MS });
  }

  /** A sending named "a1" is one to the service "a". */
  start(...names: readonly string[]): Promise<void> {
    for (const name of names) {
      const sending = this.#slots.run(name.slice(0, 1), () => this.#send(name)).catch(() => name);
      void sending.then((result) => result === null && this.turnedAway.push(name));
    }
    return settled();
  }

  end(name: string, error?: Error): Promise<void> {
    this.under.splice(this.under.indexOf(name), 1);
    this.#ends.get(name)?.(error);
    return settled();
  }

  #send(name: string): Promise<string> {
    this.under.push(name);
    return new Promise((resolve, reject) =>
      this.#ends.set(name, (error) => error === undefined ? resolve(name) : reject(error))
    );
  }
}

async function settled(): Promise<void> {
  for (let turns = 0; turns < 20; turns++) await Promise.resolve();
}

function names(service: string, count: number): string[] {
  return Array.from({ length: count }, (_, n) => `${service}${n}`);
}

Deno.test("ServiceSlots gives a service half of the slots, and always keeps some for others", async () => {
  using _time = new FakeTime();
  const sendings = new Sendings(64);
  for (const service of "abcdefg") await sendings.start(...names(service, 64));
  const held = [..."abcdefg"].map((service) =>
    sendings.under.filter((name) => name.startsWith(service)).length
  );
  assertEquals(held, [32, 16, 8, 4, 2, 1, 1]);
});

Deno.test("ServiceSlots lets what waits start in order, when a sending ends, also with an error", async () => {
  using _time = new FakeTime();
  const sendings = new Sendings(4);
  await sendings.start("a1", "a2", "a3", "a4", "b1");
  assertEquals(sendings.under, ["a1", "a2", "b1"]);
  await sendings.end("a1", new Error("no answer"));
  assertEquals(sendings.under, ["a2", "b1", "a3"]);
  await sendings.end("b1");
  await sendings.end("a3");
  assertEquals(sendings.under, ["a2", "a4"]);
});

Deno.test("ServiceSlots turns away what waits for a service of which nothing ends, and then what comes", async () => {
  using time = new FakeTime();
  const sendings = new Sendings(4);
  await sendings.start("a1", "a2", "a3");
  time.tick(STALLED_MS - 1);
  await sendings.end("a1"); // a3 starts
  await sendings.start("a4", "a5");
  time.tick(STALLED_MS - 1);
  await sendings.start("b1");
  await sendings.end("b1"); // of another service
  assertEquals(sendings.turnedAway, []);
  time.tick(1);
  await settled();
  assertEquals(sendings.turnedAway, ["a4", "a5"]);
  await sendings.start("a6", "b2");
  assertEquals([sendings.turnedAway, sendings.under], [["a4", "a5", "a6"], ["a2", "a3", "b2"]]);
  await sendings.end("a2");
  await sendings.start("a7", "a8");
  time.tick(STALLED_MS - 1);
  await settled();
  assertEquals([sendings.turnedAway.length, sendings.under], [3, ["a3", "b2", "a7"]]);
  await sendings.end("a3");
  assertEquals(sendings.under, ["b2", "a7", "a8"]);
});

Deno.test("ServiceSlots turns away what finds no slot because others hold them all, and not what comes later", async () => {
  using time = new FakeTime();
  const sendings = new Sendings(2);
  await sendings.start("a1", "b1", "c1");
  time.tick(STALLED_MS);
  await settled();
  assertEquals(sendings.turnedAway, ["c1"]);
  await sendings.start("c2");
  await sendings.end("a1");
  assertEquals([sendings.turnedAway, sendings.under], [["c1"], ["b1", "c2"]]);
});

Deno.test("ServiceSlots never gives more slots than it has, and loses none, whatever happens", async () => {
  using time = new FakeTime();
  const step = fc.oneof(
    fc.record({ kind: fc.constant("start" as const), service: fc.constantFrom("a", "b", "c") }),
    fc.record({ kind: fc.constant("end" as const), index: fc.nat(9) }),
    fc.record({ kind: fc.constant("tick" as const), ms: fc.integer({ min: 1, max: STALLED_MS }) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const sendings = new Sendings(4);
      let count = 0;
      for (const one of steps) {
        if (one.kind === "start") await sendings.start(`${one.service}${count++}`);
        if (one.kind === "tick") time.tick(one.ms);
        const name = one.kind === "end" ? sendings.under[one.index] : undefined;
        if (name !== undefined) await sendings.end(name);
        assert(sendings.under.length <= 4, `${sendings.under}`);
      }
      time.tick(STALLED_MS);
      await settled();
      for (let [name] = sendings.under; name !== undefined; [name] = sendings.under) await sendings.end(name);
      await sendings.start("a-1", "a-2", "b-1", "c-1");
      assertEquals(sendings.under, ["a-1", "a-2", "b-1", "c-1"]);
    }),
    { numRuns: 200 },
  );
});
