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
 *
 * A journal that was put back from a backup has lost its latest positions, and the next ones may be less than those. So
 * what begins anew stays in any case: otherwise each page would resume after the lost position, and begin anew.
 */
export function savePosition(
  key: string,
  { target, position, isAnew }: RememberedPosition & { readonly isAnew?: boolean | undefined },
): void {
  const text = `${target}\n${position}`;
  try {
    const storage = browser.localStorage ?? {};
    const before = storage[key] ?? "";
    const isOfEpoch = before.startsWith(text.slice(0, 1 + EPOCH_LENGTH + target.length));
    if (!isOfEpoch || before < text || isAnew) storage[key] = text;
  } catch {
    // it is forbidden, or full
  }
}
