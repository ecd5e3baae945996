/** Whole nodes keep every promise in the histories of fixed seeds, and in the cases by hand. */

import { assertEquals, assertNotEquals } from "@std/assert";
import { CASES } from "./history/cases.ts";
import { generateHistory } from "./history/generate.ts";
import { play } from "./history/play.ts";
import { printHistory } from "./history/print.ts";
import type { History } from "./history/step.ts";

const SEEDS = 240;
const SEEDS_PER_TEST = 60;

/** Fails with the seed and the history itself, which `deno task simulation --seed` shrinks. */
async function assertKept(name: string, history: History): Promise<void> {
  const { violation } = await play(history);
  const report = violation &&
    `${name} breaks "${violation.promise}": ${violation.detail}\n${printHistory(history)}`;
  assertEquals(report, undefined);
}

for (let first = 1; first <= SEEDS; first += SEEDS_PER_TEST) {
  const last = first + SEEDS_PER_TEST - 1;
  Deno.test(`Nodes keep every promise in the histories of the seeds ${first} to ${last}`, async () => {
    for (let seed = first; seed <= last; seed++) await assertKept(`seed ${seed}`, generateHistory(seed));
  });
}

for (const [name, history] of Object.entries(CASES)) {
  Deno.test(`Nodes keep every promise when ${name}`, () => assertKept(name, history));
}

Deno.test("A seed has the same trace each time, byte for byte, and another one has another trace", async () => {
  for (const seed of [7, 13, 104]) {
    const first = await play(generateHistory(seed));
    await play(generateHistory(seed + 1)); // what was played before makes no difference
    const second = await play(generateHistory(seed));
    assertEquals(second.trace === first.trace, true, `seed ${seed}`);
    assertEquals({ ...second, trace: "" }, { ...first, trace: "" });
    assertNotEquals(first.trace, (await play(generateHistory(seed + 1))).trace);
  }
});

Deno.test("A history leaves the runtime as it was", async () => {
  const before = [
    setTimeout,
    setInterval,
    setImmediate,
    clearTimeout,
    Date.now,
    Math.random,
    crypto.randomUUID,
  ];
  await play(generateHistory(3));
  assertEquals(
    [setTimeout, setInterval, setImmediate, clearTimeout, Date.now, Math.random, crypto.randomUUID],
    before,
  );
  assertEquals(Math.abs(Date.now() - new Date().getTime()) < 1_000, true);
});
