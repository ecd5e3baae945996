/** The protocol's README: each rule has a unique id and names tests that exist, and the tables match the code. */

import { assert, assertEquals } from "@std/assert";
import { OPERATIONS } from "../../src/reference/openapi.ts";
import type { Operation } from "../../src/reference/operation.ts";
import { CLOSE } from "../../src/wire/close_codes.ts";
import { KINDS } from "../../src/wire/problem.ts";

const PAGE = new URL("../../src/wire/README.md", import.meta.url);
const page = await Deno.readTextFile(PAGE);

/** A rule of the README, and the tests that it names. */
interface Rule {
  readonly id: string;
  readonly tests: readonly { readonly file: string; readonly name: string }[];
}

/** Parses the rules. A rule is a list item that begins with its id; below, links to test files precede quoted names. */
function parseRules(markdown: string): Rule[] {
  const items = markdown.split(/^- (?=\*\*[A-Z]+\d+\*\*)/m).slice(1).map((item) =>
    item.split(/\n(?:\n|-|#)/, 1)[0]?.replaceAll(/\s+/g, " ") ?? ""
  );
  return items.map((item) => {
    const [, id = ""] = /^\*\*([A-Z]+\d+)\*\*/.exec(item) ?? [];
    const links = [...item.matchAll(/\]\(([^)]+\.ts)\)((?:;? "[^"]+")+)/g)];
    const tests = links.flatMap(([, file = "", names = ""]) =>
      [...names.matchAll(/"([^"]+)"/g)].map(([, name = ""]) => ({ file, name }))
    );
    return { id, tests };
  });
}

/** The title of a test: its fixed parts, which enclose the expressions of a template. */
type Title = readonly string[];

/** Finds the titles of the tests in a file: the first argument of any call of `test`, and any `name:`. */
function parseTitles(text: string): Title[] {
  return [...text.matchAll(/(?:\btest\(|\bname:)\s*(?=["`])/g)].map(({ 0: { length }, index }) =>
    parseTitle(text, index + length)
  );
}

function parseTitle(text: string, start: number): Title {
  const quote = text[start], parts = [""];
  for (let at = start + 1; text[at] !== quote && at < text.length; at++) {
    if (quote === "`" && text.startsWith("${", at)) {
      at = endOfExpression(text, at + 2);
      parts.push("");
    } else {
      if (text[at] === "\\") at++;
      parts.push(`${parts.pop() ?? ""}${text[at] ?? ""}`);
    }
  }
  return parts;
}

/** Returns the index of the brace that closes the expression of a template. */
function endOfExpression(text: string, start: number): number {
  let at = start;
  for (let depth = 1; at < text.length; at++) {
    if (text[at] === "{") depth++;
    else if (text[at] === "}" && --depth === 0) break;
  }
  return at;
}

/**
 * True if the name matches the title. Whatever replaces an expression must occur in the file. A final `…` stands for
 * the rest of a template.
 */
function matchesTitle(name: string, title: Title, text: string): boolean {
  if (name.endsWith("…")) return title.length > 1 && title[0] === name.slice(0, -1);
  const pattern = title.map((part) => RegExp.escape(part)).join("(.+)");
  const values = new RegExp(`^${pattern}$`).exec(name)?.slice(1);
  return values?.every((value) => text.includes(value)) ?? false;
}

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
  const files = new Map<string, { text: string; titles: Title[] } | null>();
  const missing: string[] = [];
  for (const { id, tests } of rules) {
    if (tests.length === 0) missing.push(`${id} names no test`);
    for (const { file, name } of tests) {
      if (!files.has(file)) {
        const text = await Deno.readTextFile(new URL(file, PAGE)).catch(() => null);
        files.set(file, text === null ? null : { text, titles: parseTitles(text) });
      }
      const found = files.get(file);
      if (!found) missing.push(`${id}: there is no ${file}`);
      else if (!found.titles.some((title) => matchesTitle(name, title, found.text))) {
        missing.push(`${id}: ${file} has no test "${name}"`);
      }
    }
  }
  assertEquals(missing, []);
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

Deno.test("matchesTitle finds a test by its title, even in a template, and not by another title", () => {
  const text =
    'Deno.test("one \\"quoted\\"", () => {}); const all = ["a b"]; test(`x ${f(`${"y"}`)} z`); it({ name:\n "n" });';
  const titles = parseTitles(text);
  assertEquals(titles, [['one "quoted"'], ["x ", " z"], ["n"]]);
  const isThere = (name: string) => titles.some((title) => matchesTitle(name, title, text));
  for (const name of ["n", 'one "quoted"', "x a b z", "x …"]) assert(isThere(name), name);
  for (const name of ["one", "x  z", "x another z", "on …", "n…"]) assert(!isThere(name), name);
});
