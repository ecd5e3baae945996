/** Standings: asks the journal whether notifications are still to be pushed. */

import { readTest } from "../journal/mark.ts";
import type { Journal, PageLimit } from "../journal/journal.ts";
import type { ReadMark } from "../journal/read.ts";
import type { Position } from "../wire/position.ts";
import type { DuePush } from "./push_record.ts";

/**
 * - `stands`: the target has not read it. The position is null if the journal kept too little to find it.
 * - `read`: the target has read it.
 * - `missing`: the journal has no such notification, because it was replaced or retracted, or was never appended.
 */
export type Standing =
  | { readonly state: "stands"; readonly position: Position | null }
  | { readonly state: "read" | "missing" };

/** The part of a push that tells its notification. */
type Pushed = Pick<DuePush, "id" | "target" | "after">;

/** A reading of a target that has not begun yet, and the pushes that it answers for. */
interface Reading {
  readonly pushes: Pushed[];
  readonly done: Promise<Findings>;
}

/** What a target was sent, as far as it is about these pushes. */
interface Findings {
  /** Where the first position after the push's own start was found, by push. */
  readonly positions: ReadonlyMap<Pushed, Position>;
  readonly mark: ReadMark | null;
  /** The start of the reading. */
  readonly after: Position;
  /** False if the journal did not keep everything since then. */
  readonly isComplete: boolean;
}

const PAGE: PageLimit = { entries: 512, bytes: 1024 * 1024 };

/**
 * It takes long to read a target that is sent much, so whatever is asked while the target is being read is answered by
 * one reading after that: otherwise each of a thousand pushes of one target would read what came after it.
 */
export class Standings {
  readonly #journal: Pick<Journal, "read">;
  readonly #next = new Map<string, Reading>(); // by target
  readonly #current = new Map<string, Promise<unknown>>(); // by target

  constructor(journal: Pick<Journal, "read">) {
    this.#journal = journal;
  }

  /** Reads what the target was sent since the notification. Rejects with `UnavailableError`. */
  async of(push: Pushed): Promise<Standing> {
    const reading = this.#readingOf(push.target);
    reading.pushes.push(push);
    let findings = await reading.done;
    const isFound = findings.positions.has(push);
    if (!isFound && !findings.isComplete && findings.after < push.after) {
      findings = await this.#read(push.target, [push]); // what is lost may be older than this one
    }
    return standingIn(findings, push);
  }

  #readingOf(target: string): Reading {
    const known = this.#next.get(target);
    if (known !== undefined) return known;
    const pushes: Pushed[] = [];
    const reading = { pushes, done: this.#readAfterCurrent(target, pushes) };
    this.#next.set(target, reading);
    return reading;
  }

  async #readAfterCurrent(target: string, pushes: readonly Pushed[]): Promise<Findings> {
    await this.#current.get(target)?.catch(() => {}); // whoever asked for it handles its error
    await null; // the caller adds its push first
    this.#next.delete(target);
    const current = this.#read(target, pushes);
    this.#current.set(target, current);
    try {
      return await current;
    } finally {
      if (this.#current.get(target) === current) this.#current.delete(target);
    }
  }

  async #read(target: string, pushes: readonly Pushed[]): Promise<Findings> {
    const byId = Map.groupBy(pushes, ({ id }) => id);
    const after = pushes.map(({ after }) => after).reduce((first, one) => one < first ? one : first);
    const positions = new Map<Pushed, Position>();
    let mark: ReadMark | null = null, isComplete = true;
    for (let next = after, more = true; more;) {
      const page = await this.#journal.read(target, next, PAGE);
      for (const { id, position, text } of page.entries) {
        if (id === null) mark = JSON.parse(text);
        else {
          for (const push of byId.get(id) ?? []) {
            if (position > push.after && !positions.has(push)) positions.set(push, position);
          }
        }
      }
      isComplete &&= page.complete;
      ({ next, more } = page);
    }
    return { positions, mark, after, isComplete };
  }
}

function standingIn({ positions, mark, isComplete }: Findings, push: Pushed): Standing {
  const position = positions.get(push);
  if (position === undefined) return isComplete ? { state: "missing" } : { state: "stands", position: null };
  const isRead = mark !== null && readTest(mark)(position);
  return isRead ? { state: "read" } : { state: "stands", position };
}
