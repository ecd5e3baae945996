/** Parses a position that a request contains. */

import { isPosition, type Position } from "../wire/position.ts";
import { Problem } from "../wire/problem.ts";

/**
 * Null if there is no text.
 *
 * @param name names the parameter in the problem
 * @throws {Problem} `bad-request` if the text is not a position
 */
export function parsePosition(name: string, text: string | undefined): Position | null {
  if (text === undefined || isPosition(text)) return text ?? null;
  throw new Problem("bad-request", `${name}: not a position`);
}
