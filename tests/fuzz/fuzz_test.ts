/** Everything holds for the inputs of fixed seeds, and for all that has ever broken something. */

import { assertEquals } from "@std/assert";
import { playCase, readCase } from "./fuzz_case.ts";
import type { JournalName } from "./part.ts";
import { test as needsNats } from "../nats/nats_server.ts";
import { PARTS } from "./parts.ts";
import { playRound } from "./round.ts";

const CASES = new URL("cases/", import.meta.url);

/** Together they take some 30 seconds. */
const ROUNDS: readonly {
  readonly part: string;
  readonly journal: JournalName;
  readonly maxInputs: number;
}[] = [
  { part: "socket", journal: "memory", maxInputs: 200 },
  { part: "socket", journal: "sqlite", maxInputs: 125 },
  { part: "routes", journal: "memory", maxInputs: 300 },
  { part: "routes", journal: "sqlite", maxInputs: 250 },
  { part: "rpc", journal: "memory", maxInputs: 75 },
  { part: "sdk", journal: "memory", maxInputs: 2_500 },
  { part: "inbox", journal: "memory", maxInputs: 500 },
  { part: "sharing", journal: "memory", maxInputs: 300 },
  { part: "push", journal: "memory", maxInputs: 2_000 },
  { part: "nats", journal: "memory", maxInputs: 12 },
  { part: "cli", journal: "memory", maxInputs: 200 },
  { part: "publisher", journal: "memory", maxInputs: 1_500 },
];

function partCalled(name: string) {
  const part = PARTS.find((one) => one.name === name);
  if (part === undefined) throw new Error(`there is no part ${name}`);
  return part;
}

for (const [index, { part, journal, maxInputs }] of ROUNDS.entries()) {
  const define = part === "nats" ? needsNats : Deno.test;
  define(
    `Everything holds for ${maxInputs} random inputs of ${part} with the ${journal} journal`,
    async () => {
      const { finding } = await playRound(partCalled(part), {
        journal,
        seed: index + 1,
        ms: Infinity,
        maxInputs,
      });
      assertEquals(finding, null, `${finding?.violation}\n${JSON.stringify(finding?.smallest, null, 2)}`);
    },
  );
}

for (const { name } of Deno.readDirSync(CASES)) {
  Deno.test(`Everything holds for the case ${name}`, async () => {
    const found = await readCase(new URL(name, CASES));
    assertEquals(await playCase(partCalled(found.part), found), null, found.about);
  });
}
