/** The scenario in six seconds, with forty clients: what `deno task jitter` does with thousands. */

import { assert, assertEquals } from "@std/assert";
import { NotInstalledError } from "../bench/install.ts";
import { type Contestant, findContestant } from "./contestants.ts";
import type { LanguageName } from "./load/languages.ts";
import { measure } from "./measure.ts";

const scenario = { clients: 40, seconds: 6, seed: 1804 };
const pin = (_core: number, command: readonly string[]) => command;

/** Resolves with null where the packages of npm or Node are missing; in CI it rejects. */
async function ifInstalled(name: LanguageName, folder: string): Promise<Contestant | null> {
  try {
    return await findContestant(name, folder);
  } catch (error) {
    if (!(error instanceof NotInstalledError) || Deno.env.get("CI")) throw error;
    console.log(`Skipping ${name}: ${error.message}`);
    return null;
  }
}

Deno.test("Tidings delivers every message once to clients whose connections are cut, and a bare WebSocket does not", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const [tidings, ws] = [await findContestant("tidings", folder), await ifInstalled("ws", folder)];
    const [own, bare] = await Promise.all([
      measure(tidings, { scenario, pin }),
      ws === null ? null : measure(ws, { scenario, pin }),
    ]);
    const { expected, delivered, doubled, unrecovered, failures } = own;
    assertEquals({ expected, delivered, doubled, unrecovered, failures }, {
      expected: 4_800,
      delivered: 4_800,
      doubled: 0,
      unrecovered: 0,
      failures: 0,
    });
    assert(own.recovered > 0);
    if (bare === null) return;
    assertEquals([bare.cuts, bare.doubled], [own.cuts, 0]); // the same schedule, and no server that repeats
    assert(bare.delivered < bare.expected, "the cuts have cost nothing");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
