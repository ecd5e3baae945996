/** The simulation notices every mutation of the product. */

import { assertEquals, assertRejects } from "@std/assert";
import { MUTATIONS, runMutations } from "./mutations.ts";
import { SourcesCopy } from "./sources_copy.ts";

/** How many seeds are played for a mutation that no case notices. The slowest needs about half of them. */
const MAX_SEEDS = 120;

Deno.test(`The simulation notices each of ${MUTATIONS.length} mutations of the product`, async () => {
  const jobs = Math.min(navigator.hardwareConcurrency, 4);
  const noticed: string[] = [];
  const survivors = await runMutations({
    mutations: MUTATIONS,
    maxSeeds: MAX_SEEDS,
    jobs,
    onResult: ({ breaks }, { found }) => found === null || noticed.push(breaks),
  });
  assertEquals(survivors, []);
  assertEquals(noticed.length, MUTATIONS.length);
});

Deno.test("SourcesCopy.search finds nothing without a mutation, and refuses one whose text is not there", async () => {
  await using copy = await SourcesCopy.create();
  const mutation = {
    file: "hub/hub.ts",
    find: "It is synchronous",
    replace: "It is synchronous",
    breaks: "",
  };
  assertEquals((await copy.search(mutation, { maxSeeds: 3 })).found, null);
  await assertRejects(
    () => copy.search({ ...mutation, find: "no such text" }, { maxSeeds: 1 }),
    Error,
    "src/hub/hub.ts has this text 0 times: no such text",
  );
});
