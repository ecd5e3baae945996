/** Presence is told correctly, whatever targets, nodes and the application do: a property, on a fake clock. */

import { assert, assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import fc from "fast-check";
import { memoryPresence } from "../../src/presence/memory_presence.ts";
import { Answering, LINGER_MS, type Told, World } from "./presence_world.ts";

const TARGETS = ["a", "b"];
/** None of their sums is the linger, so that no two things happen in the same millisecond. */
const STEPS_MS = [7, 700, 2_800, 5_600, 14_000];

type Command =
  | { readonly does: "connect" | "disconnect"; readonly node: number; readonly target: string }
  | { readonly does: "kill" | "stop" | "start"; readonly node: number }
  | { readonly does: "answer"; readonly answering: Answering }
  | { readonly does: "wait"; readonly ms: number };

const node = fc.nat(2), target = fc.constantFrom(...TARGETS);
const waiting = fc.record({ does: fc.constant("wait" as const), ms: fc.constantFrom(...STEPS_MS) });
const connecting = fc.record({
  does: fc.constantFrom("connect" as const, "disconnect" as const, "disconnect" as const),
  node,
  target,
});
const answering = fc.record({
  does: fc.constant("answer" as const),
  answering: fc.constantFrom<Answering>("well", "failing", "losing answers", "poisoned"),
});
const dying = fc.record({ does: fc.constantFrom("kill" as const, "stop" as const, "start" as const), node });

/** When each target is online, if all nodes live: from its connections and the linger of each node. */
class Expected {
  readonly #heldUntil = new Map<string, number>(); // by node and target; Infinity: it has connections
  readonly #online = new Set<string>();
  readonly onlines = new Map<string, number>();

  /** Call this after each command, and whenever time has passed. */
  observe(world: World): void {
    for (const target of TARGETS) {
      for (const node of world.nodes) {
        const key = `${node.name} ${target}`, until = this.#heldUntil.get(key) ?? -Infinity;
        if (node.connectionsOf(target) > 0) this.#heldUntil.set(key, Infinity);
        else if (until === Infinity) this.#heldUntil.set(key, Date.now() + LINGER_MS);
      }
      const isOnline = world.nodes.some(({ name }) =>
        (this.#heldUntil.get(`${name} ${target}`) ?? -Infinity) > Date.now()
      );
      if (isOnline && !this.#online.has(target)) {
        this.onlines.set(target, (this.onlines.get(target) ?? 0) + 1);
        this.#online.add(target);
      } else if (!isOnline) this.#online.delete(target);
    }
  }
}

async function perform(command: Command, world: World, time: FakeTime): Promise<void> {
  const node = "node" in command ? world.nodes[command.node % world.nodes.length] : undefined;
  switch (command.does) {
    case "connect":
      return node?.connect(command.target);
    case "disconnect":
      return node?.disconnect(command.target);
    case "kill":
      return node && world.nodes.length > 1 ? world.kill(node) : undefined;
    case "stop":
      if (node === undefined || world.nodes.length === 1) return;
      await node.close();
      return world.kill(node);
    case "start":
      return world.nodes.length < 3 ? void world.start() : undefined;
    case "answer":
      world.receiver.answering = command.answering;
      return;
    case "wait":
      await time.tickAsync(command.ms);
  }
}

/** The types of what was told of a target, without repetitions, which must follow what they repeat at once. */
function typesOf(told: readonly Told[], target: string): string[] {
  const own = told.filter((one) => one.target === target);
  const first = own.filter(({ id }, index) => id !== own[index - 1]?.id);
  assertEquals(
    new Set(first.map(({ id }) => id)).size,
    first.length,
    "an event is overtaken by the next one",
  );
  return first.map(({ type }) => type);
}

/** Runs commands, then has everything settle, and checks what was told. */
async function check(commands: readonly Command[], { exact }: { exact: boolean }): Promise<void> {
  using time = new FakeTime(1_000_000);
  const world = new World({ records: await memoryPresence({ maxBytes: 1024 * 1024 }) });
  for (let n = 0; n < 3; n++) world.start();
  const expected = new Expected();
  for (const command of commands) {
    await perform(command, world, time);
    await time.tickAsync(0);
    expected.observe(world);
  }
  world.receiver.answering = "well";
  for (let ms = 0; ms < 200_000; ms += 7_000) {
    await time.tickAsync(7_000);
    expected.observe(world);
  }
  for (const target of TARGETS) {
    const types = typesOf(world.receiver.told, target);
    types.forEach((type, index) => assertEquals(type, index % 2 === 0 ? "target.online" : "target.offline"));
    assertEquals(types.length % 2 === 1, world.isOnline(target), "the last event says what is true");
    if (exact) assertEquals(Math.ceil(types.length / 2), expected.onlines.get(target) ?? 0);
  }
  const left = await Array.fromAsync(world.records.all());
  for (const [target, { events, nodes }] of left) {
    assert(world.isOnline(target) && events.length === 0, "no record is left over");
    assertEquals(Object.keys(nodes).filter((name) => world.nodes.every((node) => node.name !== name)), []);
  }
  assertEquals(world.reported, []);
  await world.close();
  await world.records.close();
}

Deno.test("Presence tells each first and last connection of a target once, in order, while nodes live", async () => {
  const command = fc.oneof(connecting, connecting, waiting, waiting, answering);
  const commands = fc.array(command, { minLength: 10, maxLength: 80 });
  await fc.assert(fc.asyncProperty(commands, (commands) => check(commands, { exact: true })), {
    numRuns: 300,
  });
});

Deno.test("Presence tells what is true in the end, in order, when nodes are killed, stopped and started", async () => {
  const commands = fc.array(fc.oneof(connecting, connecting, waiting, waiting, answering, dying), {
    maxLength: 40,
  });
  await fc.assert(fc.asyncProperty(commands, (commands) => check(commands, { exact: false })), {
    numRuns: 150,
  });
});
