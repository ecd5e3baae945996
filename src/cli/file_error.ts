/** Explains why a file could not be read or written. */

import { messageOf } from "../wire/error_message.ts";
import { EXIT, Failure } from "./call/failure.ts";

const ADVICE =
  "`deno task tidings` reads and writes only the folder data. Use - as the file, and redirect standard " +
  "input or output; or give Deno the permission (src/cli/README.md).";

/** @param act what failed, such as `cannot back up data/tidings.db` */
export function fileFailure(act: string, cause: unknown): Failure {
  if (cause instanceof Failure) return cause;
  const message = messageOf(cause);
  if (!(cause instanceof Deno.errors.NotCapable)) return new Failure(`${act}: ${message}`, { cause });
  return new Failure(`${act}: ${message.split(",")[0]}\n${ADVICE}`, { exitCode: EXIT.usage, cause });
}
