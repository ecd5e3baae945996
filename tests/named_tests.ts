/** Pages whose rules name tests: parses the rules, and finds the tests by their titles. */

/** A statement of a page, and the tests that it names. */
export interface Rule {
  readonly id: string;
  readonly tests: readonly { readonly file: string; readonly name: string }[];
}

/** Parses the rules. A rule is a list item that begins with its id; below, links to test files precede quoted names. */
export function parseRules(markdown: string): Rule[] {
  const items = markdown.split(/^- (?=\*\*[A-Z]*\d+\*\*)/m).slice(1).map((item) =>
    item.split(/\n(?:\n|-|#)/, 1)[0]?.replaceAll(/\s+/g, " ") ?? ""
  );
  return items.map((item) => {
    const [, id = ""] = /^\*\*([A-Z]*\d+)\*\*/.exec(item) ?? [];
    const links = [...item.matchAll(/\]\(([^)]+\.ts)\)((?:;? "[^"]+")+)/g)];
    const tests = links.flatMap(([, file = "", names = ""]) =>
      [...names.matchAll(/"([^"]+)"/g)].map(([, name = ""]) => ({ file, name }))
    );
    return { id, tests };
  });
}

/** The title of a test: its fixed parts, which enclose the expressions of a template. */
export type Title = readonly string[];

/** Finds the titles of the tests in a file: the first argument of any call of `test`, and any `name:`. */
export function parseTitles(text: string): Title[] {
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
export function matchesTitle(name: string, title: Title, text: string): boolean {
  if (name.endsWith("…")) return title.length > 1 && title[0] === name.slice(0, -1);
  const pattern = title.map((part) => RegExp.escape(part)).join("(.+)");
  const values = new RegExp(`^${pattern}$`).exec(name)?.slice(1);
  return values?.every((value) => text.includes(value)) ?? false;
}

/** Says which of the rules name no test, or one that does not exist. Links are relative to the page. */
export async function faultsOf(rules: readonly Rule[], page: URL): Promise<string[]> {
  const files = new Map<string, { text: string; titles: Title[] } | null>();
  const faults: string[] = [];
  for (const { id, tests } of rules) {
    if (tests.length === 0) faults.push(`${id} names no test`);
    for (const { file, name } of tests) {
      if (!files.has(file)) {
        const text = await Deno.readTextFile(new URL(file, page)).catch(() => null);
        files.set(file, text === null ? null : { text, titles: parseTitles(text) });
      }
      const found = files.get(file);
      if (!found) faults.push(`${id}: there is no ${file}`);
      else if (!found.titles.some((title) => matchesTitle(name, title, found.text))) {
        faults.push(`${id}: ${file} has no test "${name}"`);
      }
    }
  }
  return faults;
}
