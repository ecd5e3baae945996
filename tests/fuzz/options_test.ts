/** parseOptions: what `deno task fuzz` is asked to do. */

import { assertEquals, assertThrows } from "@std/assert";
import { parseOptions, UsageError } from "./options.ts";

Deno.test("parseOptions has defaults, and makes up a seed", () => {
  assertEquals(parseOptions([], () => 7), {
    minutes: 1,
    seed: 7,
    only: ["socket", "routes", "rpc", "sdk", "inbox", "sharing", "push", "nats", "cli", "publisher"],
    journals: ["memory", "sqlite"],
    replay: [],
    isHelp: false,
  });
});

Deno.test("parseOptions reads every option", () => {
  const args = ["--minutes", "0.5", "--seed", "3", "--only", "sdk,socket", "--journal", "sqlite"];
  const options = parseOptions([...args, "--replay", "a.json", "--replay", "b.json", "--help"]);
  assertEquals(options, {
    minutes: 0.5,
    seed: 3,
    only: ["socket", "sdk"],
    journals: ["sqlite"],
    replay: ["a.json", "b.json"],
    isHelp: true,
  });
});

for (
  const args of [["--minutes", "0"], ["--minutes", "x"], ["--seed", "-1"], ["--only", "hub"], [
    "--journal",
    "nats",
  ], [
    "--what",
  ], ["file"]]
) {
  Deno.test(`parseOptions refuses ${args.join(" ")}`, () => {
    assertThrows(() => parseOptions(args), UsageError);
  });
}
