/** Holds the stream of one tab, over all of its connections, to what the ledger says that it must have received. */

import type { ReadMark } from "../../../src/journal/read.ts";
import { type After, EARLIEST, type Position } from "../../../src/wire/position.ts";
import type { World } from "../runtime/world.ts";
import { journalOf, type Ledger, type LedgerEntry } from "./ledger.ts";
import type { PromiseName } from "./verdict.ts";

/** A notification, or a mark. */
export type StreamMessage =
  | {
    readonly type: "notification";
    readonly position: Position;
    readonly id: string;
    readonly data: unknown;
  }
  | ({ readonly type: "read"; readonly position: Position } & ReadMark);

export interface StreamCheckDeps {
  readonly tab: string;
  readonly target: string;
  /** True if a journal may have dropped something that tabs must be told of. */
  hasLost(): boolean;
  /** True if a journal had too many bytes. */
  hasEvicted(): boolean;
}

export class StreamCheck {
  readonly #world: World;
  readonly #deps: StreamCheckDeps;
  readonly #ledger: Ledger;
  readonly #received = new Set<Position>();
  #position: Position | null = null;
  #start: Position = "";
  /** When the tab was last told of a loss, which may be of anything that was accepted by then. */
  #toldAt = -Infinity;

  constructor(world: World, deps: StreamCheckDeps) {
    this.#world = world;
    this.#deps = deps;
    this.#ledger = world.ledger;
  }

  /** After which the tab resumes. */
  get position(): Position | null {
    return this.#position;
  }

  has(position: Position): boolean {
    return this.#received.has(position);
  }

  /** True if the tab has received everything of its stream that was accepted by now. */
  get isUpToDate(): boolean {
    return this.#position !== null && this.#missing(this.#position, null) === undefined;
  }

  /** The first notification that was accepted by then, and is missing. */
  missingSince(acceptedBy: number): string | undefined {
    const missing = this.#missing(this.#position ?? "", null, acceptedBy);
    return missing === undefined ? undefined : name(missing);
  }

  /** @param headBefore the head of the journal when the tab asked for the connection */
  onWelcome(
    { position, recovered }: { readonly position: Position; readonly recovered: boolean | null },
    { after, headBefore }: { readonly after: After; readonly headBefore: Position | undefined },
  ): void {
    const resumes = after !== null && after !== EARLIEST;
    if (resumes !== (recovered !== null)) this.#fail("order", `a welcome with recovered: ${recovered}`);
    if (recovered === true && position !== after) {
      this.#fail("order", `resumed after ${position}, not ${after}`);
    }
    if (after === EARLIEST) this.#toldAt = this.#world.now; // a fresh stream has lost nothing of what went before
    if (recovered === false) this.#onLoss(resumes && journalOf(after) === journalOf(position));
    const isSameJournal = headBefore !== undefined && journalOf(position) === journalOf(headBefore);
    if (after === null && isSameJournal && position < headBefore) {
      this.#fail("order", `a new stream starts at ${position}, before the head ${headBefore}`);
    }
    if (this.#position === null || journalOf(this.#position) !== journalOf(position)) this.#start = position;
    this.#position = position;
  }

  onMissed(): void {
    this.#onLoss(true);
  }

  onMessage(message: StreamMessage): void {
    const { position } = message, entry = this.#ledger.at(position), last = this.#position ?? "";
    if (entry === undefined) return this.#fail("addressee", `${position} was never accepted`);
    this.#checkContent(entry, message);
    if (this.#received.has(position)) this.#fail("once", `received ${name(entry)} again`);
    const isSameJournal = journalOf(last) === journalOf(position);
    if (isSameJournal && position <= last) this.#fail("order", `received ${name(entry)} after ${last}`);
    if (isSameJournal) this.#requireAll(last, position);
    this.#position = position;
    this.#received.add(position);
  }

  /** Called when everything must have arrived. @param kept what the journal keeps for the target */
  finish(kept: readonly { readonly position: Position; readonly id: string | null }[]): void {
    if (this.#position === null) return this.#fail("delivered", "was never welcomed");
    this.#requireAll(this.#position, null);
    for (const { position, id } of kept) {
      const isOfStream = position > this.#start && journalOf(position) === journalOf(this.#start);
      if (id === null || !isOfStream || this.#received.has(position)) continue;
      this.#fail("delivered", `${id} at ${position} is kept, and was not received`);
    }
  }

  /** What belongs between two positions must have been received, unless nobody misses it. */
  #requireAll(after: Position, before: Position | null): void {
    const missing = this.#missing(after, before);
    if (missing !== undefined) this.#fail("delivered", `${name(missing)} is missing after ${after}`);
  }

  #missing(after: Position, before: Position | null, acceptedBy = Infinity): LedgerEntry | undefined {
    for (const entry of this.#ledger.between(this.#deps.target, after, before)) {
      const isAwaited = entry.acceptedAt <= acceptedBy && entry.acceptedAt > this.#toldAt;
      if (!isAwaited || this.#ledger.mayBeMissing(entry, this.#world.now)) continue;
      if (entry.draft !== null || !this.#deps.hasEvicted()) return entry; // a mark goes after all that it speaks of
    }
    return undefined;
  }

  #checkContent({ target, draft, position }: LedgerEntry, message: StreamMessage): void {
    const isOurs = target === null || target === this.#deps.target;
    if (!isOurs) this.#fail("addressee", `received ${position} of ${target}`);
    const isSame = message.type === "notification"
      ? message.id === draft?.id && JSON.stringify(message.data) === draft.data
      : draft === null;
    if (!isSame) this.#fail("addressee", `${position} was changed on the way`);
  }

  #onLoss(isSameJournal: boolean): void {
    this.#toldAt = this.#world.now;
    if (!isSameJournal || this.#deps.hasLost()) return;
    this.#fail("truth", `was told of a loss after ${this.#position}, and nothing was lost`);
  }

  #fail(promise: PromiseName, detail: string): void {
    this.#world.verdict.broken(promise, `${this.#deps.tab} ${detail}`);
  }
}

function name({ draft, position }: LedgerEntry): string {
  return draft === null ? `the mark ${position}` : `${draft.id} at ${position}`;
}
