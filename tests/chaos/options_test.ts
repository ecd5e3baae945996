/** parseOptions of chaos. */

import { assertEquals, assertThrows } from "@std/assert";
import { FAULTS } from "./faults.ts";
import { parseOptions, UsageError } from "./options.ts";

Deno.test("parseOptions of chaos runs every fault with every journal once, in full length, unless told otherwise", () => {
  assertEquals(parseOptions([], () => 7), {
    seed: 7,
    rounds: 1,
    only: FAULTS.map(({ name }) => name),
    journals: ["memory", "sqlite", "nats"],
    isShort: false,
  });
});

Deno.test("parseOptions of chaos reads lists and numbers", () => {
  const args = [
    "--seed",
    "1804",
    "--rounds",
    "3",
    "--only",
    "partition,killed",
    "--journal",
    "nats",
    "--short",
  ];
  assertEquals(parseOptions(args), {
    seed: 1804,
    rounds: 3,
    only: ["killed", "partition"],
    journals: ["nats"],
    isShort: true,
  });
});

for (
  const [args, text] of [
    [["--only", "flood"], 'there is no "flood"'],
    [["--journal", "redis"], 'there is no "redis"'],
    [["--rounds", "0"], "--rounds 0: expected a whole number from 1"],
    [["--seed", "x"], "--seed x"],
    [["--loud"], "--loud"],
  ] as const
) {
  Deno.test(`parseOptions of chaos refuses ${args.join(" ")}`, () => {
    assertThrows(() => parseOptions([...args]), UsageError, text);
  });
}
