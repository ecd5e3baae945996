/** Tests Reports against a simple model, over random sequences of steps. */

import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { Reports } from "../../src/reports/reports.ts";
import { ReportsModel } from "./reports_model.ts";

const START = Date.UTC(1804, 6, 11, 7);

type Step =
  | { does: "accept"; id: string }
  /** Accepts a notification with a fresh id, and sends it. */
  | { does: "acceptNew"; targets: number }
  /** `ageMs` is the age of the notifications that no step has accepted before. */
  | { does: "send"; ids: string[]; connection: string; ageMs: number }
  | { does: "ack"; ids: string[]; connection: string }
  | { does: "read"; ids: string[]; target: string }
  | { does: "pass"; ms: number };

const IDS = Array.from({ length: 12 }, (_, n) => `n${n}`);
const id = fc.constantFrom(...IDS);
const ids = fc.uniqueArray(id, { minLength: 1, maxLength: 4 });
const connection = fc.constantFrom("laptop", "tablet", "desktop", "phone");
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ does: fc.constant("accept" as const), id }),
  fc.record({ does: fc.constant("acceptNew" as const), targets: fc.integer({ min: 1, max: 3 }) }),
  fc.record({
    does: fc.constant("send" as const),
    ids,
    connection,
    ageMs: fc.integer({ min: 0, max: 2_500 }),
  }),
  fc.record({ does: fc.constant("ack" as const), ids, connection }),
  fc.record({ does: fc.constant("read" as const), ids, target: fc.constantFrom("alexander", "burr") }),
  fc.record({ does: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: 400 }) }),
);
const limits = fc.record({
  maxReports: fc.integer({ min: 1, max: 8 }),
  maxUnacked: fc.integer({ min: 1, max: 10 }),
  maxReaders: fc.integer({ min: 1, max: 10 }),
  maxExpected: fc.constant(0),
  maxAgeMs: fc.integer({ min: 100, max: 2_000 }),
  idWindowMs: fc.integer({ min: 100, max: 2_000 }),
});

function notifications(at: number, ...ids: readonly string[]) {
  return ids.map((id) => ({ id, target: "alexander", position: id, text: `${at}`, bytes: 1 }));
}

Deno.test("Reports equals a simple model and keeps its limits, whatever is accepted, sent, acked and read", () => {
  fc.assert(
    fc.property(limits, fc.array(step, { minLength: 10, maxLength: 80 }), (limits, steps) => {
      const clock = { now: START };
      const reports = new Reports({ limits, acceptedAt: Number, now: () => clock.now });
      const model = new ReportsModel(limits, START);
      const acceptedAt = new Map<string, number>(); // a notification has the same time of acceptance on all nodes
      const sentTo = new Set<string>(); // of `id connection`
      let fresh = 0;
      function timeOf(id: string, ageMs: number): number {
        const at = acceptedAt.get(id) ?? clock.now - ageMs;
        acceptedAt.set(id, at);
        return at;
      }
      for (const step of steps) {
        if (step.does === "accept") {
          const isReused = clock.now >= (acceptedAt.get(step.id) ?? Infinity) + limits.idWindowMs;
          if (isReused) {
            acceptedAt.delete(step.id);
            for (const key of sentTo) if (key.startsWith(`${step.id} `)) sentTo.delete(key);
          }
          for (const one of [reports, model]) one.accepted(step.id, timeOf(step.id, 0));
        } else if (step.does === "acceptNew") {
          const id = `fresh ${fresh++}`;
          for (let target = 0; target < step.targets; target++) {
            reports.acceptedNew(id, clock.now);
            model.accepted(id, clock.now);
          }
          for (const one of [reports, model]) one.sent(notifications(clock.now, id), "watch");
          assertEquals(reports.get(id), model.get(id));
        } else if (step.does === "send") {
          const unsent = step.ids.filter((id) => !sentTo.has(`${id} ${step.connection}`));
          for (const id of unsent) sentTo.add(`${id} ${step.connection}`);
          const batch = unsent.flatMap((id) => notifications(timeOf(id, step.ageMs), id));
          for (const one of [reports, model]) one.sent(batch, step.connection);
        } else if (step.does === "ack") {
          for (const one of [reports, model]) one.acked(step.ids, step.connection);
        } else if (step.does === "read") {
          for (const one of [reports, model]) one.read(step.ids, step.target);
        } else {
          model.now = clock.now += step.ms;
        }
        const known = IDS.map((id) => reports.get(id));
        assertEquals(known, IDS.map((id) => model.get(id)));
        const kept = known.flatMap((report) =>
          report?.acceptedAt == null ? [] : { ...report, at: report.acceptedAt }
        );
        assert(kept.length <= limits.maxReports);
        assert(kept.reduce((sum, { sent, acked }) => sum + sent - acked, 0) <= limits.maxUnacked);
        for (const { at } of kept) assert(clock.now - at < limits.maxAgeMs);
      }
    }),
    { numRuns: 500 },
  );
});
