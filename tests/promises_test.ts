/** The page of promises: each has a number of its own, and names tests that exist. */

import { assert, assertEquals } from "@std/assert";
import { faultsOf, parseRules } from "./named_tests.ts";

const PAGE = new URL("../PROMISES.md", import.meta.url);
const page = await Deno.readTextFile(PAGE);
const promises = parseRules(page);

Deno.test("Every promise has a number of its own", () => {
  const numbers = promises.map(({ id }) => id);
  assert(numbers.length > 40, `${numbers.length} promises`);
  assertEquals(numbers.filter((id, index) => numbers.indexOf(id) !== index), []);
  assertEquals(page.match(/^- \*\*/gm)?.length, numbers.length, "no list item in bold that is no promise");
});

Deno.test("Every promise names a test that exists", async () => {
  assertEquals(await faultsOf(promises, PAGE), []);
});

Deno.test("The table of journals refers to promises that exist", () => {
  const rows = [...page.matchAll(/^\| `(?:sqlite|nats|memory):.*\| ([\d, ]+) \|$/gm)];
  assertEquals(rows.length, 4);
  const known = promises.map(({ id }) => id);
  const named = rows.flatMap(([, numbers = ""]) => numbers.trim().split(", "));
  assertEquals(named.filter((id) => !known.includes(id)), []);
});
