/** An intake for tests: everything but what a test gives is as quiet as it can be. */

import { nextTurn } from "../../src/async/next_turn.ts";
import { Intake, type IntakeDeps } from "../../src/sources/intake.ts";

export function testIntake(given: Partial<IntakeDeps> & Pick<IntakeDeps, "journal">): Intake {
  return new Intake({
    queue: { size: 0, capacity: 10_000 },
    reports: { began() {}, accepted() {} },
    metrics: { accepted() {} },
    retention: { seconds: 3_600 },
    isDraining: () => false,
    nextTurn,
    ...given,
  });
}
