/** Writes the table into the README of this room, between its markers. */

const README = new URL("README.md", import.meta.url);
const BEGIN = "<!-- table: deno task chaos -->", END = "<!-- end of table -->";

export async function writeTable(table: string): Promise<void> {
  await Deno.writeTextFile(README, withTable(await Deno.readTextFile(README), table));
}

/** @throws {Error} if the text lacks the markers */
export function withTable(text: string, table: string): string {
  const [before, rest] = text.split(BEGIN), after = rest?.split(END)[1];
  if (before === undefined || after === undefined) {
    throw new Error(`there are no markers ${BEGIN} and ${END}`);
  }
  return `${before}${BEGIN}\n\n${table}\n\n${END}${after}`;
}
