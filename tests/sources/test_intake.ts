/** Creates an intake for tests: whatever a test does not provide does nothing. */

import { nextTurn } from "../../src/async/next_turn.ts";
import { Intake, type IntakeDeps } from "../../src/sources/intake.ts";

export function testIntake(deps: Partial<IntakeDeps> & Pick<IntakeDeps, "journal">): Intake {
  return new Intake({
    schedule: { add: () => Promise.reject(new Error("nothing is scheduled")) },
    pushes: null,
    queue: { size: 0, capacity: 10_000 },
    reports: { acceptedNew() {}, accepted() {}, read() {} },
    metrics: { accepted() {}, marked() {} },
    retention: { seconds: 3_600 },
    isDraining: () => false,
    now: Date.now,
    nextTurn,
    ...deps,
  });
}
