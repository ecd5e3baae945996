/** The suite and the protocol document: each rule has a case or a reason why not, and the room stands for itself. */

import { assert, assertEquals } from "@std/assert";
import { parseRules } from "../named_tests.ts";
import { CASES, casesOf } from "./suite.ts";
import { UNSEEN } from "./unseen.ts";

const DOCUMENT = new URL("../../src/wire/README.md", import.meta.url);
const ROOM = new URL("./", import.meta.url);
const rules = parseRules(await Deno.readTextFile(DOCUMENT)).map(({ id }) => id);

Deno.test("Each rule of the protocol document has a case, or a reason why it cannot be seen", () => {
  const covered = new Set([...CASES.map(({ rule }) => rule), ...Object.keys(UNSEEN)]);
  assertEquals(rules.filter((id) => !covered.has(id)), []);
});

Deno.test("No case and no reason is of a rule that does not exist, and no rule has both", () => {
  const standard = /^(RFC\d+|SSE|STANDARD-WEBHOOKS)-/;
  const ofDocument = CASES.map(({ rule }) => rule).filter((rule) => !standard.test(rule));
  assertEquals([...ofDocument, ...Object.keys(UNSEEN)].filter((id) => !rules.includes(id)), []);
  assertEquals(ofDocument.filter((id) => id in UNSEEN), []);
});

Deno.test("The title of a case is a sentence that no other case of its rule has", () => {
  const names = CASES.map(({ rule, title }) => `${rule} ${title}`);
  assertEquals(names.filter((name, at) => names.indexOf(name) !== at), []);
  assertEquals(names.filter((name) => !/^\S+ [`A-Z0-9/][^]{15,}[^.]$/.test(name)), []);
});

Deno.test("casesOf finds rules, groups, standards and their sections, and nothing by half a name", () => {
  const found = (name: string) => new Set(casesOf([name]).map(({ rule }) => rule));
  assertEquals([...found("N2")], ["N2"]);
  assert(found("N").has("N21") && ![...found("N")].some((rule) => !/^N\d+$/.test(rule)));
  assertEquals([...found("RFC6455-5.5")].toSorted(), [
    "RFC6455-5.5",
    "RFC6455-5.5.1",
    "RFC6455-5.5.2",
    "RFC6455-5.5.3",
  ]);
  assert(found("RFC6455").size > 8);
  assertEquals(casesOf(["RFC64"]), []);
  assertEquals(casesOf([]), CASES);
});

Deno.test("Except for its own tests, the suite imports nothing from outside of its folder", async () => {
  const { stdout, success } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", new URL("main.ts", ROOM).href],
  }).output();
  assert(success);
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as { modules: { specifier: string }[] };
  const others = modules.map(({ specifier }) => specifier).filter((one) => !one.startsWith(ROOM.href));
  assertEquals(others, ["node:util"]);
});
