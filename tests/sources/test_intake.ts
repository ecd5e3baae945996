/** Creates intakes for tests: whatever a test does not provide does nothing. */

import { nextTurn } from "../../src/async/next_turn.ts";
import type { Intake } from "../../src/sources/intake.ts";
import { Intakes, type IntakesDeps } from "../../src/sources/intakes.ts";

type TestDeps = Partial<IntakesDeps> & Pick<IntakesDeps, "journal">;

export function testIntake(deps: TestDeps): Intake {
  return testIntakes(deps).from("http");
}

export function testIntakes(deps: TestDeps): Intakes {
  return new Intakes({
    schedule: { add: () => Promise.reject(new Error("nothing is scheduled")) },
    pushes: null,
    queue: { size: 0, capacity: 10_000 },
    reports: { acceptedNew() {}, accepted() {}, read() {} },
    metrics: { accepted() {}, marked() {}, appendStarted: () => 0, appendEnded() {} },
    retention: { seconds: 3_600 },
    isDraining: () => false,
    now: Date.now,
    nextTurn,
    ...deps,
  });
}
