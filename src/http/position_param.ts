/** Parses the positions that a request contains. */

import { type After, EARLIEST, isPosition, type Position } from "../wire/position.ts";
import { Problem } from "../wire/problem.ts";

/**
 * Parses the query parameter `after`. Null if there is none.
 *
 * @throws {Problem} `bad-request` if it is neither a position nor `earliest`
 */
export function parseAfter(text: string | undefined): After {
  if (text === undefined || text === EARLIEST || isPosition(text)) return text ?? null;
  throw new Problem("bad-request", `after: neither a position nor \`${EARLIEST}\``);
}

/**
 * Parses a position that the server has sent. Null if there is none.
 *
 * @param name the header or the query parameter, for the error
 * @throws {Problem} `bad-request` if it is not a position
 */
export function parsePosition(name: string, text: string | undefined): Position | null {
  if (text === undefined || isPosition(text)) return text ?? null;
  throw new Problem("bad-request", `${name}: not a position`);
}
