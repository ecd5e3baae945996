/** Tests of named_tests.ts. */

import { assert, assertEquals } from "@std/assert";
import { faultsOf, matchesTitle, parseRules, parseTitles } from "./named_tests.ts";

Deno.test("matchesTitle finds a test by its title, even in a template, and not by another title", () => {
  const text =
    'Deno.test("one \\"quoted\\"", () => {}); const all = ["a b"]; test(`x ${f(`${"y"}`)} z`); it({ name:\n "n" });';
  const titles = parseTitles(text);
  assertEquals(titles, [['one "quoted"'], ["x ", " z"], ["n"]]);
  const isThere = (name: string) => titles.some((title) => matchesTitle(name, title, text));
  for (const name of ["n", 'one "quoted"', "x a b z", "x …"]) assert(isThere(name), name);
  for (const name of ["one", "x  z", "x another z", "on …", "n…"]) assert(!isThere(name), name);
});

Deno.test("faultsOf names rules without a test, files that do not exist, and tests that do not", async () => {
  const markdown = [
    "- **A1** A rule",
    "  that goes on.",
    '  - [one](named_tests_test.ts) "faultsOf names rules without a test, files that do not exist, and tests that do not"',
    "- **2** No test.",
    '- **3** Others. [no](no_test.ts) "x"; [one](named_tests_test.ts) "one"; "…"',
  ].join("\n");
  assertEquals(await faultsOf(parseRules(markdown), new URL(import.meta.url)), [
    "2 names no test",
    "3: there is no no_test.ts",
    '3: named_tests_test.ts has no test "one"',
    '3: named_tests_test.ts has no test "…"',
  ]);
});
