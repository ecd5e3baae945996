/** PushEraser: erases the pushes of a target that wait, without those of notifications that it gets meanwhile. */

import { pause } from "../async/pause.ts";
import type { Journal } from "../journal/journal.ts";
import type { Schedule, ScheduledRecord } from "../schedule/schedule.ts";
import { OLDEST } from "../wire/position.ts";
import type { Escalation } from "./escalation.ts";
import { isPushOf, parsePush, PUSH } from "./push_record.ts";

export interface PushEraserDeps {
  readonly journal: Pick<Journal, "read">;
  readonly schedule: Pick<Schedule, "revise">;
  readonly escalation: Pick<Escalation, "forget">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** The ids of the notifications that a target has. */
interface KeptIds {
  readonly ids: ReadonlySet<string>;
  /** When the reading began, in milliseconds since 1970. */
  readonly startedAt: number;
}

const PAGE = { entries: 512, bytes: 1024 * 1024 };
/** How long a notification may be missing because it is still being appended: mostly some milliseconds. */
const APPEND_MS = 2_000, LOOK_MS = 20;

export class PushEraser {
  readonly #deps: PushEraserDeps;

  constructor(deps: PushEraserDeps) {
    this.#deps = deps;
  }

  /** Call this when the journal has forgotten the target. Rejects with `UnavailableError`. */
  async forget(target: string): Promise<void> {
    const { schedule, escalation } = this.#deps, end = performance.now() + APPEND_MS;
    let reading = this.#read(target);
    const isKept = async (record: ScheduledRecord) => {
      for (const id = idOf(record);;) {
        const known = reading, { ids, startedAt } = await known;
        if (ids.has(id)) return true;
        if (record.addedAt + APPEND_MS <= startedAt || performance.now() > end) return false;
        await pause(LOOK_MS);
        if (reading === known) reading = this.#read(target); // which all records share
      }
    };
    await schedule.revise(PUSH, {
      isConcerned: (key) => isPushOf(target, key),
      revise: async (record) => await isKept(record) ? record.content : null,
    });
    escalation.forget(target);
  }

  async #read(target: string): Promise<KeptIds> {
    const ids = new Set<string>(), startedAt = this.#deps.now();
    for (let after = OLDEST, more = true; more;) {
      const page = await this.#deps.journal.read(target, after, PAGE);
      for (const { id, target: own } of page.entries) if (id !== null && own === target) ids.add(id);
      ({ next: after, more } = page);
    }
    return { ids, startedAt };
  }
}

/** Empty if the record cannot be read. */
function idOf(record: ScheduledRecord): string {
  try {
    return parsePush(record).id;
  } catch {
    return "";
  }
}
