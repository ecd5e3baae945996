/** The links of the documentation: each that is relative leads to a file, and to a heading of it if it says so. */

import { assert, assertEquals } from "@std/assert";

const ROOT = new URL("../", import.meta.url);
const files = await filesInGit();

/** All that is tracked, or is going to be. */
async function filesInGit(): Promise<readonly string[]> {
  const { success, stdout } = await new Deno.Command("git", {
    args: ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    cwd: ROOT,
  }).output();
  assert(success);
  return new TextDecoder().decode(stdout).split("\0").filter((path) => path !== "");
}

/** Without code: what stands in there is no link. */
function proseIn(markdown: string): string {
  return markdown.replaceAll(/^ *(```+)[^\n]*\n[^]*?^ *\1 *$/gm, "").replaceAll(/(`+)[^`]+?\1(?!`)/g, "``");
}

/** Where inline links, images, definitions of links and HTML lead to, unless that is elsewhere. */
function linksIn(markdown: string): string[] {
  const prose = proseIn(markdown);
  const found = [
    ...prose.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g),
    ...prose.matchAll(/^ {0,3}\[[^\]]+\]:\s*<?([^\s>]+)/gm),
    ...prose.matchAll(/\s(?:src|srcset|href)="([^"\s]+)/g),
  ];
  return found.map(([, link = ""]) => link).filter((link) => !/^([a-z][a-z\d+.-]*:|\/\/)/i.test(link));
}

/** The anchors that hosts make of the headings: of two that read the same, the second ends in `-1`. */
function anchorsIn(markdown: string): Set<string> {
  const anchors = new Set<string>(), seen = new Map<string, number>();
  for (const [, heading = ""] of withoutFences(markdown).matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const text = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const slug = text.replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, "").replaceAll(" ", "-");
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    anchors.add(times === 0 ? slug : `${slug}-${times}`);
  }
  return anchors;
}

function withoutFences(markdown: string): string {
  return markdown.replaceAll(/^ *(```+)[^\n]*\n[^]*?^ *\1 *$/gm, "");
}

/** Why the link of the file leads nowhere; null: it does lead somewhere. */
async function faultOf(link: string, from: string): Promise<string | null> {
  const { pathname, hash } = new URL(link, new URL(from, "file:///"));
  const path = decodeURIComponent(pathname).slice(1);
  const isFile = files.includes(path);
  const folder = path === "" || path.endsWith("/") ? path : `${path}/`;
  if (!isFile && !files.some((file) => file.startsWith(folder))) return `${link}: there is no ${path}`;
  if (hash === "" || (isFile && !path.endsWith(".md"))) return null;
  const anchors = isFile ? anchorsIn(await Deno.readTextFile(new URL(path, ROOT))) : new Set<string>();
  return anchors.has(decodeURIComponent(hash.slice(1))) ? null : `${link}: there is no such heading`;
}

for (const path of files.filter((file) => file.endsWith(".md"))) {
  Deno.test(`The links of ${path} lead somewhere`, async () => {
    const links = linksIn(await Deno.readTextFile(new URL(path, ROOT)));
    const faults = await Promise.all(links.map((link) => faultOf(link, path)));
    assertEquals(faults.filter((fault) => fault !== null), []);
  });
}

Deno.test("linksIn finds links, images, definitions and HTML, and none in code or to elsewhere", () => {
  const markdown = [
    "[a](a.md) ![b](b.png 'title is elsewhere') [c](<c.md> \"title\") `[no](no.md)` [`d`](d.ts#e)",
    '<img src="f.webp"> <source srcset="g.webp"> [h](https://example.com) [i](mailto:me)',
    "```",
    "[no](no.md)",
    "```",
    "[j]: j.md",
  ].join("\n");
  assertEquals(linksIn(markdown).toSorted(), ["a.md", "c.md", "d.ts#e", "f.webp", "g.webp", "j.md"]);
});

Deno.test("anchorsIn makes anchors as GitHub does", () => {
  const headings =
    "# Origins and CORS\n\n## `TIDINGS_QUEUE`: a queue\n\n## Run it\n\n## Run it\n\n```\n# no\n```\n";
  assertEquals([...anchorsIn(headings)], ["origins-and-cors", "tidings_queue-a-queue", "run-it", "run-it-1"]);
});
