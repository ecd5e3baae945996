/** Explains what has grown: by which ways the objects are reached from the roots of the heap. */

import { retainersOf } from "../look/retainers.ts";
import type { Verdict } from "../verdict.ts";

const MAX_CLASSES = 5, MAX_PATHS = 3, MAX_LENGTH = 600;

/** @param snapshot the heap at the end */
export function explain({ classes }: Verdict, snapshot: string): string[] {
  return classes.slice(0, MAX_CLASSES).flatMap(({ name }) =>
    retainersOf(snapshot, name).slice(0, MAX_PATHS)
      .map(({ path, count }) => `${name}, ${count} of them: ${path.slice(0, MAX_LENGTH)}`)
  );
}
