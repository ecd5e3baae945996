/** Pusher: takes what is due, as much as it can send, and tells the schedule what has become of it. */

import { assertEquals } from "@std/assert";
import { UnavailableError } from "../../src/journal/journal.ts";
import type { NextTry } from "../../src/push/next_try.ts";
import { type DuePush, pushKey, toRecord } from "../../src/push/push_record.ts";
import { Pusher } from "../../src/push/pusher.ts";
import { memorySchedule } from "../../src/schedule/memory.ts";
import type { Schedule } from "../../src/schedule/schedule.ts";
import { eventually } from "../eventually.ts";

const START = Date.UTC(1804, 6, 11, 7);

function push(id: string): DuePush {
  const times = { addedAt: START, dueAt: START, expiresAt: START + 1e6 };
  const request = { after: 0, title: null, body: null, navigate: null };
  const plain = { target: "alexander", topic: null, urgency: null, data: "1", attempts: 0, left: null };
  return { ...plain, ...times, id, request, after: "p" };
}

function setUp(deliver: (push: DuePush, signal: AbortSignal) => Promise<NextTry | null>) {
  const clock = { now: START }, errors: unknown[] = [], delivered: string[] = [];
  const schedule: Schedule = memorySchedule({ maxBytes: 1e6, now: () => clock.now });
  const add = async (...ids: readonly string[]) => {
    await schedule.add(ids.map((id) => toRecord(push(id), { digest: "d", at: START })));
  };
  const start = () =>
    new Pusher({
      schedule,
      delivery: {
        deliver(push, signal) {
          delivered.push(push.id);
          return deliver(push, signal);
        },
      },
      report: (error) => errors.push(error),
      now: () => clock.now,
      everyMs: 1,
    });
  return { clock, schedule, add, start, errors, delivered };
}

Deno.test("Pusher delivers what is due, and then knows nothing of it", async () => {
  const { schedule, add, start, delivered } = setUp(() => Promise.resolve(null));
  await add("1", "2");
  const pusher = start();
  await eventually(() => delivered.length === 2);
  await eventually(async () => await schedule.find(pushKey("2", "alexander")) === null);
  await pusher.close();
  assertEquals(delivered, ["1", "2"]);
});

Deno.test("Pusher has what failed for now wait until its next try", async () => {
  let tries = 0;
  const { clock, schedule, add, start, delivered } = setUp((push) =>
    Promise.resolve(
      tries++ === 0
        ? { push: { ...push, attempts: 1, left: [{ id: "1", at: START + 5_000 }] }, at: START + 5_000 }
        : null,
    )
  );
  await add("1");
  const pusher = start();
  const key = pushKey("1", "alexander");
  await eventually(async () => (await schedule.find(key))?.dueAt === START + 5_000);
  clock.now += 5_000;
  await eventually(async () => await schedule.find(key) === null);
  await pusher.close();
  assertEquals(delivered, ["1", "1"]);
});

Deno.test("Pusher delivers at most 64 at a time, and the others when there is room", async () => {
  const waiting: (() => void)[] = [];
  const { add, start, delivered } = setUp(async () => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    return null;
  });
  await add(...Array.from({ length: 100 }, (_, n) => `${n}`));
  const pusher = start();
  await eventually(() => waiting.length === 64);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assertEquals(delivered.length, 64);
  while (delivered.length < 100) {
    waiting.shift()?.();
    await new Promise((resolve) => setTimeout(resolve));
  }
  for (const end of waiting) end();
  await pusher.close();
  assertEquals(new Set(delivered).size, 100);
});

Deno.test("Pusher tries again what cannot be decided now, and reports what it does not expect", async () => {
  const failures = [new UnavailableError("gone"), new Error("bug")];
  const { clock, schedule, add, start, delivered, errors } = setUp(() => {
    const failure = failures.shift();
    return failure === undefined ? Promise.resolve(null) : Promise.reject(failure);
  });
  await add("1");
  const pusher = start();
  for (let tries = 1; tries <= 2; tries++) {
    await eventually(async () =>
      delivered.length === tries && (await schedule.find(pushKey("1", "alexander")))?.state === "waiting"
    );
    clock.now += 5_000;
  }
  await eventually(async () => await schedule.find(pushKey("1", "alexander")) === null);
  await pusher.close();
  assertEquals(errors.map(String), ["Error: bug"]);
});

Deno.test("Pusher drops a record that it cannot read, and goes on", async () => {
  const { schedule, add, start, delivered, errors } = setUp(() => Promise.resolve(null));
  const broken = { key: "push broken", digest: "", addedAt: START, dueAt: START, content: "{}" };
  await schedule.add([broken]);
  await add("1");
  const pusher = start();
  await eventually(async () => await schedule.find(broken.key) === null && delivered.length === 1);
  await pusher.close();
  assertEquals(errors.length, 1);
});

Deno.test("Pusher that is closed cuts off what it sends, and gives it up to other nodes", async () => {
  const { schedule, add, start, delivered } = setUp(async (push, signal) => {
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    return { push, at: START };
  });
  await add("1");
  const pusher = start();
  await eventually(() => delivered.length === 1);
  await pusher.close();
  assertEquals((await schedule.find(pushKey("1", "alexander")))?.state, "waiting");
  assertEquals((await schedule.take("push", { records: 9, bytes: 1e6 })).length, 1);
});
