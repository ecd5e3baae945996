/** shrink and printHistory: a failing history becomes a short program. */

import { assert, assertEquals } from "@std/assert";
import { CALM, type Setting } from "./history/setting.ts";
import { generateHistory } from "./history/generate.ts";
import { printHistory } from "./history/print.ts";
import { shrink } from "./history/shrink.ts";
import type { History } from "./history/step.ts";

/** Fails as a product would in which a node that is killed takes a tab with it. */
function fails({ steps }: History): Promise<boolean> {
  const opened = steps.findIndex((step) => step.do === "open");
  return Promise.resolve(opened >= 0 && steps.slice(opened).some((step) => step.do === "kill"));
}

Deno.test("shrink leaves the two steps that a failure needs, one tab and a calm setting", async () => {
  let seed = 1;
  while (!await fails(generateHistory(seed))) seed++;
  const { setting, steps } = await shrink(generateHistory(seed), { fails });
  assertEquals(steps.map((step) => step.do), ["open", "kill"]);
  assertEquals({ ...setting, seed: CALM.seed, tabs: [] }, CALM);
  assertEquals(setting.tabs.length, 1);
});

Deno.test("shrink plays no more candidates than it may", async () => {
  const history = generateHistory(1);
  let played = 0;
  const counted = (): Promise<boolean> => Promise.resolve(++played > 1_000);
  assertEquals(await shrink(history, { fails: counted, maxPlays: 25 }), history);
  assertEquals(played, 25);
});

Deno.test("printHistory prints a program that plays the same history", async () => {
  for (const seed of [1, 2, 3]) {
    const history = generateHistory(seed), played: History[] = [];
    const program = new Function("play", "CALM", `return (async () => {${printHistory(history)}})()`);
    await program((one: History) => played.push(one), CALM satisfies Setting);
    assertEquals(played, [history]);
  }
});

Deno.test("printHistory leaves out what is calm", () => {
  const text = printHistory({ setting: { ...CALM, seed: 7, nodes: 2 }, steps: [] });
  assert(text.includes("{ ...CALM, seed: 7, nodes: 2 }"), text);
});
