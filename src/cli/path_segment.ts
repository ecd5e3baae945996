/** Encodes an argument, such as a target, as a segment of a path. */

import { EXIT, Failure } from "./call/failure.ts";

/** @throws {Failure} if it is empty, or `.` or `..`, which a URL cannot carry as a segment */
export function pathSegment(argument: string, name: string): string {
  if (argument !== "" && argument !== "." && argument !== "..") return encodeURIComponent(argument);
  throw new Failure(`${name}: ${JSON.stringify(argument)} is not possible`, { exitCode: EXIT.usage });
}
