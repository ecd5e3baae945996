/** Tests of the command line. */

import { assertEquals, assertThrows } from "@std/assert";
import { parseOptions, UsageError } from "./options.ts";
import { SCENARIOS } from "./scenarios.ts";

Deno.test("parseOptions selects everything by default", () => {
  assertEquals(parseOptions([]), {
    mode: "table",
    rounds: null,
    only: SCENARIOS.map(({ name }) => name),
    peers: ["floor", "least", "bun", "ws", "gorilla", "centrifugo"],
    journals: ["memory", "sqlite"],
  });
});

Deno.test("parseOptions keeps the order of the names", () => {
  const args = [
    "--rounds",
    "3",
    "--only",
    "single,batch",
    "--peers=gorilla,floor",
    "--journal",
    "sqlite",
    "--plot",
  ];
  assertEquals(parseOptions(args), {
    mode: "plot",
    rounds: 3,
    only: ["single", "batch"],
    peers: ["gorilla", "floor"],
    journals: ["sqlite"],
  });
});

const refused: readonly (readonly [string[], string])[] = [
  [["--only", "singel"], '--only: there is no "singel"'],
  [["--peers", ""], '--peers: there is no ""'],
  [["--journal", "memory,nats"], '--journal: there is no "nats"'],
  [["--rounds", "0"], "--rounds 0: expected a number"],
  [["--rounds", "1e3"], "--rounds 1e3: expected a number"],
  [["--check", "--plot"], "cannot be combined"],
  [["--chekc"], "--chekc"],
  [["single"], "single"],
];
for (const [args, reason] of refused) {
  Deno.test(`parseOptions refuses ${args.join(" ")}`, () => {
    assertThrows(() => parseOptions(args), UsageError, reason);
  });
}
