/** A case: an input that has broken something once, in a file that can be played again. */

import { type AnyPart, type JournalName, JOURNALS } from "./part.ts";
import { textOf, Violation } from "./violation.ts";

export interface FuzzCase {
  readonly part: string;
  readonly journal: JournalName;
  /** What it broke, in a sentence. */
  readonly about: string;
  readonly input: unknown;
}

/** @throws {Violation} if the file has no case */
export async function readCase(file: string | URL): Promise<FuzzCase> {
  const found: Partial<FuzzCase> = JSON.parse(await Deno.readTextFile(file));
  const { part, journal, about = "", input } = found;
  if (part === undefined || journal === undefined || !JOURNALS.includes(journal) || input === undefined) {
    throw new Violation(`${file} is no case: expected part, journal, about and input`);
  }
  return { part, journal, about, input };
}

/** Plays a case. Resolves with what does not hold; null if everything does. */
export async function playCase(part: AnyPart, { journal, input }: FuzzCase): Promise<string | null> {
  await using bench = await part.open(journal);
  try {
    await bench.play(input);
    await bench.finish();
    return null;
  } catch (error) {
    return textOf(error);
  }
}
