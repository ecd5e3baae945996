/** Tests of the command line. */

import { assertEquals, assertThrows } from "@std/assert";
import { parseOptions, UsageError } from "./options.ts";

Deno.test("parseOptions has the published scenario as its default", () => {
  assertEquals(parseOptions([]), {
    scenario: { clients: 2_000, seconds: 160, seed: 1 },
    rounds: 1,
    only: ["tidings", "centrifugo", "socketio", "ws"],
    results: null,
    plots: false,
    helps: false,
  });
});

Deno.test("parseOptions reads every option", () => {
  const numbers = ["--clients", "40", "--seconds", "6", "--seed", "0", "--rounds", "0"];
  const args = [...numbers, "--only", "ws,tidings", "--results", "file", "--plot", "--help"];
  assertEquals(parseOptions(args), {
    scenario: { clients: 40, seconds: 6, seed: 0 },
    rounds: 0,
    only: ["tidings", "ws"],
    results: "file",
    plots: true,
    helps: true,
  });
});

for (
  const args of [
    ["--clients", "0"],
    ["--clients", "10001"],
    ["--seconds", "1.5"],
    ["--seed", "-1"],
    ["--rounds", "many"],
    ["--only", "tidings,pigeons"],
    ["--unknown"],
    ["surplus"],
  ]
) {
  Deno.test(`parseOptions refuses ${args.join(" ")}`, () => {
    assertThrows(() => parseOptions(args), UsageError);
  });
}
