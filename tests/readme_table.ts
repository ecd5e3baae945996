/** Writes a table into a README, between the markers that name the task which makes it. */

export async function writeTable(
  readme: URL,
  { task, table }: { readonly task: string; readonly table: string },
): Promise<void> {
  await Deno.writeTextFile(readme, withTable(await Deno.readTextFile(readme), { task, table }));
}

/** @throws {Error} if the text lacks the markers */
export function withTable(text: string, { task, table }: { task: string; table: string }): string {
  const begin = `<!-- table: deno task ${task} -->`, end = "<!-- end of table -->";
  const [before, rest] = text.split(begin), after = rest?.split(end)[1];
  if (before === undefined || after === undefined) {
    throw new Error(`there are no markers ${begin} and ${end}`);
  }
  return `${before}${begin}\n\n${table}\n\n${end}${after}`;
}
