/** Writes what a run has printed into the README of this room, between its markers. */

const README = new URL("README.md", import.meta.url);
const BEGIN = "<!-- results: deno task scale --plot -->", END = "<!-- end of results -->";

/** What a run has printed. */
export interface Results {
  /** Lines about the phases, and the verdict. */
  readonly lines: readonly string[];
  /** The arithmetic, in Markdown. */
  readonly table: string;
}

export async function writeResults(results: Results): Promise<void> {
  await Deno.writeTextFile(README, withResults(await Deno.readTextFile(README), results));
}

/** @throws {Error} if the text lacks the markers */
export function withResults(text: string, { lines, table }: Results): string {
  const [before, rest] = text.split(BEGIN), after = rest?.split(END)[1];
  if (before === undefined || after === undefined) {
    throw new Error(`there are no markers ${BEGIN} and ${END}`);
  }
  return `${before}${BEGIN}\n\n\`\`\`text\n${lines.join("\n")}\n\`\`\`\n\n${table}\n\n${END}${after}`;
}
