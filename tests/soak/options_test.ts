/** Tests the command line of the soak, and what it plans. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { parseOptions, USAGE, UsageError } from "./options.ts";
import { planOf } from "./plan.ts";

Deno.test("parseOptions has a default for everything but the seed, which is fresh", () => {
  assertEquals(parseOptions([], () => 7), {
    ...{ minutes: 30, journal: "memory", rate: 200, tabs: 15, seed: 7, plot: null, isHelp: false },
  });
});

Deno.test("parseOptions takes what is given", () => {
  const given = "--minutes 10 --journal sqlite --rate 50 --tabs 5 --seed 1804 --plot soak.svg --help".split(
    " ",
  );
  assertEquals(parseOptions(given), {
    ...{ minutes: 10, journal: "sqlite", rate: 50, tabs: 5, seed: 1804, plot: "soak.svg", isHelp: true },
  });
});

Deno.test("parseOptions refuses what it does not know, and says what it expects", () => {
  for (
    const [args, message] of [
      [["--hours", "1"], "--hours"],
      [["--minutes", "0"], "--minutes 0: expected a whole number from 1 to 1440"],
      [["--rate", "1001"], "--rate 1001: expected a whole number from 1 to 1000"],
      [["--journal", "tape"], 'there is no "tape"; expected one of memory, sqlite, nats'],
    ] as const
  ) assertThrows(() => parseOptions([...args]), UsageError, message);
});

Deno.test("USAGE names every option", () => {
  for (const name of ["minutes", "journal", "rate", "tabs", "seed", "plot", "help"]) {
    assert(USAGE.includes(`--${name}`), name);
  }
});

for (const minutes of [5, 10, 30, 90]) {
  Deno.test(`planOf fills ${minutes} minutes, with a rest after each wave in which everything can expire`, () => {
    const { warmUpMs, waves, waveMs, restMs, retentionSeconds } = planOf(minutes);
    const ms = warmUpMs + restMs + waves * (waveMs + restMs);
    assert(ms <= minutes * 60_000 && ms > minutes * 60_000 / 2, `${ms}`);
    assert(restMs > (retentionSeconds + 5) * 1_000);
  });
}

Deno.test("planOf has one short wave for a single minute", () => {
  const { warmUpMs, waves, waveMs } = planOf(1);
  assertEquals({ warmUpMs, waves, waveMs }, { warmUpMs: 6_000, waves: 1, waveMs: 12_000 });
});
