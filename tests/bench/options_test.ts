import { assertEquals, assertThrows } from "@std/assert";
import { optionsFrom, UsageError } from "./options.ts";
import { SCENARIOS } from "./scenarios.ts";

Deno.test("optionsFrom asks for everything if nothing is named", () => {
  assertEquals(optionsFrom([]), {
    mode: "table",
    rounds: null,
    only: SCENARIOS.map(({ name }) => name),
    peers: ["floor", "least", "bun", "ws", "gorilla"],
    journals: ["memory", "sqlite"],
  });
});

Deno.test("optionsFrom takes what is named, in that order", () => {
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
  assertEquals(optionsFrom(args), {
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
  [["--rounds", "0"], "--rounds 0: a number"],
  [["--rounds", "1e3"], "--rounds 1e3: a number"],
  [["--check", "--plot"], "one of them"],
  [["--chekc"], "--chekc"],
  [["single"], "single"],
];
for (const [args, reason] of refused) {
  Deno.test(`optionsFrom refuses ${args.join(" ")}`, () => {
    assertThrows(() => optionsFrom(args), UsageError, reason);
  });
}
