/** The memory of a position: it outlasts the page, in `localStorage`, so that the next page resumes after it. */

import { browser } from "./browser.ts";

export interface RememberedPosition {
  /** The target whose stream it is a position of. */
  readonly target: string;
  readonly position: string;
}

const EPOCH_LENGTH = 8;

/** The service refuses a page for good that resumes after anything but a position, and other scripts may write here. */
const REMEMBERED = /(?<target>.*)\n(?<position>[0-9a-z]{8}-[0-9a-z]{11}(-[0-9a-z]{6})*)$/; // later ones may be longer

/** A browser may have no storage, or forbid it: nothing is remembered then. A target contains no line break. */
export function loadPosition(key: string | undefined): RememberedPosition | undefined {
  try {
    const found = (key && browser.localStorage?.[key])?.match(REMEMBERED);
    return found?.groups as RememberedPosition | undefined;
  } catch {
    return undefined;
  }
}

/**
 * Another tab may have gone further: of two positions of a target and an epoch, the later one stays. The texts of an
 * epoch sort in the order of the journal. Without room, the next page resumes after an earlier position.
 */
export function savePosition(key: string, { target, position }: RememberedPosition): void {
  const text = `${target}\n${position}`;
  const epoch = text.slice(0, 1 + EPOCH_LENGTH + target.length);
  try {
    const storage = browser.localStorage ?? {};
    const before = storage[key] ?? "";
    if (!before.startsWith(epoch) || before < text) storage[key] = text;
  } catch {
    // it is forbidden, or full
  }
}
