/**
 * The short form of chaos, with a seed that is always the same. The faults that are not here have a test in
 * `tests/end_to_end/faults_test.ts`.
 */

import { assert, assertEquals } from "@std/assert";
import { FAULTS } from "./faults.ts";
import { missingFor } from "./needs.ts";
import { runRound } from "./round.ts";
import type { JournalName } from "./stages/stage.ts";

type Case = readonly [fault: string, journal: JournalName];

const SEED = 1804;
/** The two of a pair happen at the same time, each on a stage of its own. */
const PAIRS: readonly (readonly [Case, Case])[] = [
  [["killed", "memory"], ["clock-ahead", "sqlite"]],
  [["killed", "sqlite"], ["clock-behind", "nats"]],
  [["frozen", "memory"], ["read-only-disk", "sqlite"]],
  [["line-cut", "sqlite"], ["full-disk", "sqlite"]],
  [["line-silent", "memory"], ["restored-backup", "sqlite"]],
  [["restored-snapshot", "nats"], ["proxy-restarted", "sqlite"]],
  [["rolling-restart", "nats"], ["partition", "nats"]],
];

/** Plays a case, and returns what it has broken. */
async function broken([name, journal]: Case): Promise<readonly string[]> {
  const fault = FAULTS.find((one) => one.name === name);
  assert(fault?.promises[journal] !== undefined, name);
  const missing = await missingFor(fault.needs, journal);
  if (missing !== null) {
    console.log(`${name}: skipped: ${missing}`);
    return Deno.env.get("CI") === undefined ? [] : [missing];
  }
  const { counts: { accepted, delivered }, broken } = await runRound(fault, {
    journal,
    seed: SEED,
    isShort: true,
  });
  assert(accepted > 50 && delivered > 50, `${name}: there was no load`);
  return broken;
}

for (const pair of PAIRS) {
  const names = pair.map(([fault, journal]) => `${fault} (${journal})`).join(", ");
  Deno.test(`The service keeps its promise under load: ${names}`, async () => {
    assertEquals(await Promise.all(pair.map(broken)), [[], []]);
  });
}
