/** The problem of a message with a field that its schema does not have. */

import { doesNotFit, type Problem } from "../../wire/problem.ts";

/**
 * Protobuf ignores fields that a schema does not have. A notification that lost one of its fields would not be the one
 * that its publisher sent: without `at`, for example, it would be sent too early.
 *
 * @param tag the number of the field and its wire type
 */
export function unexpectedField(tag: number, path: string): Problem {
  return doesNotFit(path, `has no field ${Math.floor(tag / 8)} of the wire type ${tag % 8} on this server`);
}
