/** The intakes of all sources, which share room in the queue. Marks come in here too, whoever makes them. */

import type { Journal } from "../journal/journal.ts";
import type { MarkReceipt, ReadChange } from "../journal/read.ts";
import { Problem } from "../wire/problem.ts";
import type { Source } from "../wire/source.ts";
import { type AcceptedReports, Intake, type IntakeDeps } from "./intake.ts";
import { IntakeRoom, type IntakeRoomDeps } from "./intake_room.ts";

export interface IntakesDeps extends IntakeDeps, IntakeRoomDeps {
  readonly journal: Pick<Journal, "append" | "mark">;
  readonly reports: AcceptedReports & {
    /** The target has read the notifications with these ids, mostly for the first time. */
    read(ids: readonly string[], target: string): void;
  };
  readonly metrics: IntakeDeps["metrics"] & { marked(): void };
}

export class Intakes {
  readonly #deps: IntakesDeps;
  readonly #room: IntakeRoom;

  constructor(deps: IntakesDeps) {
    this.#deps = deps;
    this.#room = new IntakeRoom(deps);
  }

  /** Returns an intake for what comes from this source, by which metrics count it. */
  from(source: Source): Intake {
    return new Intake(this.#deps, { source, room: this.#room });
  }

  /**
   * Merges a change of what the target has read. Resolves when the change is kept, or changes nothing.
   *
   * @throws {Problem} `unavailable`, `too-many-exceptions`, or `not-here` if nothing is retained
   */
  async mark(target: string, change: ReadChange): Promise<void> {
    const { journal, metrics, reports, pushes } = this.#deps;
    const receipt = await this.#room.during(1, () => journal.mark(target, change));
    if (receipt.outcome === "marked") {
      metrics.marked();
      reports.read(receipt.read, target);
      if (receipt.pushes.length > 0) pushes?.read(receipt.pushes, target);
    }
    const problem = problemOf(receipt);
    if (problem !== null) throw problem;
  }

  /** Resolves when nothing is being appended. By then, the feed has been offered everything that was accepted. */
  settled(): Promise<void> {
    return this.#room.settled();
  }
}

/** Null: the mark was accepted. */
function problemOf({ outcome }: MarkReceipt): Problem | null {
  if (outcome === "marked" || outcome === "unchanged") return null;
  return outcome === "too many exceptions"
    ? new Problem("too-many-exceptions", "mark more as read, or fewer as unread, and then repeat this")
    : new Problem("not-here", "this server retains nothing, so there is nothing to mark");
}
