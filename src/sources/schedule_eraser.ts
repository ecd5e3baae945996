/** ScheduleEraser: takes a target out of the notifications that are scheduled. */

import type { Schedule } from "../schedule/schedule.ts";
import { SCHEDULED, withoutTarget } from "./scheduled_notification.ts";

export class ScheduleEraser {
  readonly #schedule: Pick<Schedule, "revise">;

  constructor(schedule: Pick<Schedule, "revise">) {
    this.#schedule = schedule;
  }

  /** A notification for other targets too is still sent to those. Rejects with `UnavailableError`. */
  async forget(target: string): Promise<void> {
    await this.#schedule.revise(SCHEDULED, {
      isConcerned: () => true, // the keys do not tell the targets
      revise: ({ content }) => Promise.resolve(withoutTarget(content, target)),
    });
  }
}
