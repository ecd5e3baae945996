/** Tests of the simulation's command line: what it reads, and what it refuses instead of playing for ever. */

import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { parseOptions, UsageError } from "./options.ts";

Deno.test("parseOptions plays random seeds for a minute unless it is told otherwise", () => {
  const { from, ...options } = parseOptions([]);
  assert(Number.isInteger(from) && from > 0);
  assertEquals(options, {
    minutes: 1,
    rounds: Infinity,
    seed: null,
    jobs: 2,
    only: "",
    mode: "seeds",
    isTraced: false,
    isHelp: false,
  });
});

Deno.test("parseOptions reads numbers, a mode and what to choose", () => {
  const { minutes, rounds, from, jobs } = parseOptions(
    ["--minutes", "0.5", "--rounds", "20", "--from", "7", "--jobs", "1"],
  );
  assertEquals([minutes, rounds, from, jobs], [0.5, 20, 7, 1]);
  assertEquals(parseOptions(["--seed", "411", "--trace"]).seed, 411);
  const { mode, only } = parseOptions(["--mutations", "--only", "forgotten"]);
  assertEquals([mode, only], ["mutations", "forgotten"]);
});

for (
  const args of [
    ["--rounds", "x"],
    ["--rounds", "0"],
    ["--seed", "1.5"],
    ["--from", ""],
    ["--minutes", "0"],
    ["--minutes", "Infinity"],
    ["--jobs", "0"],
    ["--unknown"],
    ["411"],
    ["--only", "forgotten"],
    ["--cases", "--mutations"],
  ]
) {
  Deno.test(`parseOptions refuses ${args.join(" ")}`, () => {
    assertThrows(() => parseOptions(args), UsageError);
  });
}

for (const mode of ["--cases", "--mutations"]) {
  Deno.test(`The command does not pass if ${mode} --only chooses nothing`, async () => {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-check",
        "--allow-all",
        new URL("main.ts", import.meta.url).href,
        mode,
        "--only",
        "none such",
      ],
      env: { NO_COLOR: "1" },
    }).output();
    assertEquals(code, 2);
    assertStringIncludes(new TextDecoder().decode(stderr), '--only: there is none with "none such"');
  });
}
