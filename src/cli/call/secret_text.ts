/** Reads a secret of the command line, from its variable or from the file that `NAME_FILE` names. */

import { gatherSecrets } from "../../config/secret_files.ts";
import type { Variables } from "./access.ts";
import { EXIT, Failure } from "./failure.ts";

/**
 * Returns the text, and the variable that was set. Undefined if neither was.
 *
 * @throws {Failure} if both are set, or the file cannot be read
 */
export function secretText(
  name: string,
  variables: Variables,
): { readonly text: string; readonly variable: string } | undefined {
  const { texts, faults: [fault], sourceOf } = gatherSecrets(variables, [name]);
  if (fault !== undefined) throw new Failure(fault, { exitCode: EXIT.usage });
  const text = texts[name];
  return text === undefined ? undefined : { text, variable: sourceOf(name) };
}
