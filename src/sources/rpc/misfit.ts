/** The problems of messages that can be read but do not fit. */

import { Problem } from "../../wire/problem.ts";

export function doesNotFit(path: string, message: string): Problem {
  const detail = path === "" ? message : `${path}: ${message}`;
  return new Problem("does-not-fit", detail, { errors: [{ path, message }] });
}

/**
 * Protobuf ignores fields that a schema does not have. A notification that lost one of its fields would not be the one
 * that its publisher sent: without `at`, for example, it would be sent too early.
 *
 * @param tag the number of the field and its wire type
 */
export function unexpectedField(tag: number, path: string): Problem {
  return doesNotFit(path, `has no field ${Math.floor(tag / 8)} of the wire type ${tag % 8} on this server`);
}
