/** Reads secrets from files: for a secret variable `NAME`, `NAME_FILE` has the path of a file with its value. */

import { isUtf8 } from "node:buffer";
import { messageOf } from "../wire/error_message.ts";

/** The text of each variable, by its name without `_FILE`, and the variable that it came from. */
export interface Gathered {
  readonly texts: Readonly<Record<string, string>>;
  /** Returns the variable that was set: the name itself, or the name with `_FILE`. */
  readonly sourceOf: (name: string) => string;
  /** What is wrong with the variables with `_FILE`, a line each. */
  readonly faults: readonly string[];
}

const SUFFIX = "_FILE";
const NOT_ALLOWED =
  "the process may not read it: put the file into /run/secrets or data, or add its folder to --allow-read";

/** The variable that may have the path of a file with the value of this one. */
export function fileVariable(name: string): string {
  return `${name}${SUFFIX}`;
}

/**
 * Replaces the paths of files by what the files contain. White space around a text does not count. An empty variable
 * counts as not set, but an empty file is an empty value: a secret that is lost must not leave the service open.
 *
 * @param secrets the names of the variables that may come from files
 */
export function gatherSecrets(
  environment: Readonly<Record<string, string | undefined>>,
  secrets: readonly string[],
): Gathered {
  const given = Object.entries(environment).map(([name, value = ""]) => [name, value.trim()] as const);
  const texts = Object.fromEntries(given.filter(([, value]) => value !== ""));
  const faults: string[] = [], fromFiles = new Set<string>();
  for (const name of secrets) {
    const variable = fileVariable(name), path = texts[variable];
    if (path === undefined) continue;
    delete texts[variable];
    if (texts[name] !== undefined) {
      faults.push(`${name}, ${variable}: only one of them may be set`);
      continue;
    }
    const read = readText(path);
    fromFiles.add(name);
    if (read.fault === undefined) texts[name] = read.text;
    else faults.push(`${variable}: ${read.fault}`);
  }
  return { texts, faults, sourceOf: (name) => fromFiles.has(name) ? fileVariable(name) : name };
}

/** The fault does not contain the path: somebody may have put the secret itself there. */
function readText(path: string): { text: string; fault?: never } | { fault: string } {
  if (Deno.permissions.querySync({ name: "read", path }).state !== "granted") return { fault: NOT_ALLOWED };
  try {
    const bytes = Deno.readFileSync(path);
    return isUtf8(bytes)
      ? { text: new TextDecoder().decode(bytes).trim() }
      : { fault: "cannot be read: it is not UTF-8" };
  } catch (error) {
    const message = messageOf(error);
    return { fault: `cannot be read: ${message.replace(/: \w+ '.*$/s, "")}` };
  }
}
