/** The `Idempotency-Key` header. */

import { Problem } from "../wire/problem.ts";

/**
 * The header is a structured field of the type string, which has quotes. A value without quotes is accepted too.
 *
 * @throws {Problem} `bad-request`
 */
export function parseIdempotencyKey(header: string | undefined): string | null {
  if (header === undefined) return null;
  const quoted = /^"((?:[^"\\]|\\["\\])*)"$/.exec(header)?.[1];
  const isSingle = quoted !== undefined || !header.startsWith('"'); // Deno joins two headers into `"a", "b"`
  const key = isSingle && /^[ -~]*$/.test(header) ? quoted?.replaceAll(/\\(["\\])/g, "$1") ?? header : "";
  if (key !== "") return key; // an empty key would give the arrays of all requests the ids .0, .1 and so on
  throw new Problem(
    "bad-request",
    "Idempotency-Key: must be a single ASCII string that is not empty (RFC 9651, section 3.3.3)",
  );
}
