/** The protocol's README: each rule has a unique id and names tests that exist, and the tables match the code. */

import { assert, assertEquals } from "@std/assert";
import { OPERATIONS } from "../../src/reference/openapi.ts";
import type { Operation } from "../../src/reference/operation.ts";
import { CLOSE } from "../../src/wire/close_codes.ts";
import { KINDS } from "../../src/wire/problem.ts";
import { faultsOf, parseRules } from "../named_tests.ts";

const PAGE = new URL("../../src/wire/README.md", import.meta.url);
const page = await Deno.readTextFile(PAGE);

const rules = parseRules(page);

Deno.test("Every rule of the protocol has a unique id", () => {
  const ids = rules.map(({ id }) => id);
  assert(ids.length > 100, `${ids.length} rules`);
  assertEquals(ids.filter((id, index) => ids.indexOf(id) !== index), []);
  assertEquals(
    page.match(/^- \*\*/gm)?.length,
    ids.length + 1,
    "only the first item of the page is not a rule",
  );
});

Deno.test("Every rule of the protocol refers to rules and groups that exist", () => {
  const known = new Set(rules.flatMap(({ id }) => [id, id.replace(/\d+$/, "")]));
  const references = [...page.matchAll(/`([A-Z]\d*)`/g)].map(([, id = ""]) => id);
  assertEquals(references.filter((id) => !known.has(id)), []);
});

Deno.test("Every rule of the protocol names a test that exists", async () => {
  assertEquals(await faultsOf(rules, PAGE), []);
});

Deno.test("The protocol's page has a row for each kind of problem, with its status", () => {
  const rows = [...page.matchAll(/^\| `([a-z-]+)` +\| (\d{3}) /gm)].map(([, kind, status]) =>
    `${kind} ${status}`
  );
  assertEquals(rows, Object.entries(KINDS).map(([kind, [status]]) => `${kind} ${status}`));
});

Deno.test("The table of routes names the scope that OpenAPI names", () => {
  const rows = [...page.matchAll(/^\| `([A-Z]+ \S+)` +\| publisher(?:, `(\w+)`)? +\|/gm)];
  const inTable = rows.map(([, route, scope]) => `${route} ${scope}`)
    .filter((row) => !row.includes(" /tidings.v1.")); // RPC, which its .proto file describes
  const operations: readonly Operation[] = Object.values(OPERATIONS).flat();
  const expected = operations.filter(({ caller }) => caller === "publisher")
    .map(({ method, path, scope }) => `${method.toUpperCase()} ${path} ${scope}`);
  assertEquals(inTable.toSorted(), expected.toSorted());
});

Deno.test("The protocol's page has a row for each close code", () => {
  const codes = [...page.matchAll(/^\| (\d{4}) +\|/gm)].map(([, code]) => Number(code));
  assertEquals(codes, [...new Set(Object.values(CLOSE).map(({ code }) => code))]);
});
