/** Reports: counts per notification, and bounds that hold whatever comes. */

import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import type { Report } from "../../src/reports/report.ts";
import { type ReportLimits, reportLimits } from "../../src/reports/report_limits.ts";
import { Reports } from "../../src/reports/reports.ts";

const AMPLE = reportLimits({ seconds: 3_600 });
const START = Date.UTC(1804, 6, 11, 7);

/** Notifications, as connections are handed them; the text of a test's is when they were accepted. */
function notifications(at: number, ...ids: readonly string[]) {
  return ids.map((id) => ({ id, target: "alexander", position: id, text: `${at}`, bytes: 1 }));
}

function bench(limits: Partial<ReportLimits> = {}) {
  const clock = { now: START };
  const asked: string[] = [];
  const reports = new Reports({
    limits: { ...AMPLE, ...limits },
    acceptedAt(text) {
      asked.push(text);
      return Number(text);
    },
    now: () => clock.now,
  });
  return { reports, clock, asked };
}

Deno.test("Reports counts the connections that were handed a notification, and those of them that acked", () => {
  const { reports, clock, asked } = bench();
  reports.accepted("duel", START - 5);
  for (const connection of ["laptop", "tablet", "desktop"]) {
    reports.sent(notifications(0, "duel"), connection);
  }
  assertEquals(reports.of("duel"), {
    id: "duel",
    acceptedAt: START - 5,
    sent: 3,
    acked: 0,
    firstAckMs: null,
  });
  clock.now += 65;
  reports.acked(["unknown", "duel", "duel"], "laptop");
  clock.now += 10;
  reports.acked(["duel"], "tablet");
  assertEquals(reports.of("duel"), { id: "duel", acceptedAt: START - 5, sent: 3, acked: 2, firstAckMs: 70 });
  assertEquals(asked, [], "the text is only read of what comes without a report");
});

Deno.test("Reports ignores acks of what a connection was not handed", () => {
  const { reports } = bench();
  reports.acked(["duel"], "laptop");
  assertEquals(reports.of("duel"), null);
  reports.accepted("duel", START);
  reports.acked(["duel"], "laptop");
  reports.sent(notifications(START, "duel"), "tablet");
  reports.acked(["duel"], "laptop");
  assertEquals(reports.of("duel")?.acked, 0);
});

Deno.test("Reports knows a notification that was accepted and handed to nobody", () => {
  const { reports } = bench();
  reports.accepted("duel", START);
  assertEquals(reports.of("duel"), { id: "duel", acceptedAt: START, sent: 0, acked: 0, firstAckMs: null });
  assertEquals(reports.of("other"), null);
});

Deno.test("Reports begins a report with the time of acceptance when what it never heard of is handed over", () => {
  const { reports, asked } = bench();
  reports.sent(notifications(START - 1_000, "a", "b"), "laptop");
  reports.sent(notifications(START - 1_000, "a", "b"), "tablet");
  reports.acked(["b"], "tablet");
  reports.accepted("b", START); // too late: it goes on
  for (const [id, acked, firstAckMs] of [["a", 0, null], ["b", 1, 1_000]] as const) {
    assertEquals(reports.of(id), { id, acceptedAt: START - 1_000, sent: 2, acked, firstAckMs });
  }
  assertEquals(asked.length, 2, "once each");
});

Deno.test("Reports takes no first ack for earlier than the acceptance, whatever the clocks say", () => {
  const { reports } = bench();
  reports.sent(notifications(START + 5_000, "duel"), "laptop");
  reports.acked(["duel"], "laptop");
  assertEquals(reports.of("duel")?.firstAckMs, 0);
});

Deno.test("Reports goes on with what a connection was handed before it was known to be accepted", () => {
  const { reports } = bench();
  reports.sent(notifications(START, "own"), "laptop"); // from the feed of another node, before the answer
  reports.began("own", START);
  reports.sent(notifications(START, "own"), "tablet");
  assertEquals(reports.of("own")?.sent, 2);
});

Deno.test("Reports forgets when the time is over, and begins no report of what is older", () => {
  const { reports, clock } = bench({ ms: 1_000 });
  reports.accepted("duel", START);
  reports.sent(notifications(START, "duel"), "laptop");
  clock.now += 999;
  assert(reports.of("duel") !== null);
  clock.now += 1;
  assertEquals(reports.of("duel"), null);
  reports.sent(notifications(START, "older"), "laptop");
  reports.accepted("new", clock.now);
  assertEquals([reports.of("older"), reports.of("new")?.sent], [null, 0]);
});

Deno.test("Reports forgets the oldest when there are too many, and begins none anew that would not be whole", () => {
  const { reports } = bench({ reports: 2 });
  for (const [index, id] of ["a", "b", "c"].entries()) {
    reports.accepted(id, START + index);
    reports.sent(notifications(START + index, id), "laptop");
  }
  assertEquals(["a", "b", "c"].map((id) => reports.of(id)?.sent), [undefined, 1, 1]);
  reports.sent(notifications(START, "a"), "tablet");
  assertEquals(["a", "b", "c"].map((id) => reports.of(id)?.sent), [undefined, 1, 1]);
  reports.acked(["a"], "laptop");
  reports.sent(notifications(START + 3, "d"), "tablet"); // accepted on another node
  assertEquals(["b", "c", "d"].map((id) => reports.of(id)?.sent), [undefined, 1, 1]);
});

Deno.test("Reports forgets the oldest when too many connections have not acked", () => {
  const { reports } = bench({ awaiting: 4 });
  for (const [index, id] of ["a", "b", "c"].entries()) reports.accepted(id, START + index);
  for (const connection of ["1", "2"]) reports.sent(notifications(0, "a", "b"), connection);
  assertEquals(["a", "b"].map((id) => reports.of(id)?.sent), [2, 2]);
  reports.acked(["a"], "1");
  reports.sent(notifications(0, "c"), "1");
  assertEquals(["a", "b", "c"].map((id) => reports.of(id)?.sent), [2, 2, 1], "an ack makes room");
  reports.sent(notifications(0, "c"), "2");
  assertEquals(["a", "b", "c"].map((id) => reports.of(id)?.sent), [undefined, 2, 2]);
});

Deno.test("Reports forgets a notification that alone has too many connections, rather than count it wrongly", () => {
  const { reports } = bench({ awaiting: 4 });
  reports.accepted("all", START);
  for (const connection of ["1", "2", "3", "4", "5", "6"]) {
    reports.sent(notifications(START, "all"), connection);
  }
  assertEquals(reports.of("all"), null);
  reports.accepted("next", START);
  reports.sent(notifications(START, "next"), "1");
  assertEquals(reports.of("next")?.sent, 1);
});

Deno.test("Reports begins anew for what is accepted under an id again when it is remembered no more", () => {
  const { reports, clock } = bench({ ms: 60_000, idMs: 1_000 });
  reports.accepted("digest", START);
  reports.sent(notifications(START, "digest"), "laptop");
  clock.now += 999;
  reports.accepted("digest", clock.now); // for a target that was left out by a failure
  assertEquals([reports.of("digest")?.acceptedAt, reports.of("digest")?.sent], [START, 1]);
  clock.now += 1;
  reports.accepted("digest", clock.now);
  reports.accepted("digest", clock.now); // for another target
  assertEquals([reports.of("digest")?.acceptedAt, reports.of("digest")?.sent], [START + 1_000, 0]);
  reports.sent(notifications(clock.now, "digest"), "laptop");
  reports.acked(["digest"], "laptop");
  const [report] = [reports.of("digest")];
  assertEquals([report?.sent, report?.acked, report?.firstAckMs], [1, 1, 0]);
});

Deno.test("Reports has a report of what comes under the id of one whose time is over, also if nothing came since", () => {
  const { reports, clock } = bench({ ms: 1_000, idMs: 1_000 });
  reports.accepted("digest", START);
  clock.now += 1_000;
  reports.accepted("digest", clock.now);
  assertEquals(reports.of("digest")?.acceptedAt, START + 1_000);
});

Deno.test("Reports begins anew for what was accepted elsewhere under an id again, and knows the late of the first", () => {
  const { reports, clock } = bench({ ms: 60_000, idMs: 1_000 });
  reports.sent(notifications(START, "digest"), "laptop");
  clock.now += 1_500;
  reports.sent(notifications(START, "digest"), "tablet");
  assertEquals([reports.of("digest")?.acceptedAt, reports.of("digest")?.sent], [START, 2]);
  reports.sent(notifications(START + 1_000, "digest"), "laptop");
  assertEquals([reports.of("digest")?.acceptedAt, reports.of("digest")?.sent], [START + 1_000, 1]);
});

Deno.test("Reports has as much room as before when connections were handed the same id again and acked it", () => {
  const { reports } = bench({ awaiting: 4 });
  for (let round = 0; round < 5; round++) {
    for (let time = 0; time < 3; time++) { // remembered by nobody but here, as where a journal keeps few bytes
      reports.accepted("digest", START);
      for (const tab of ["laptop", "tablet"].slice(time % 2)) {
        reports.sent(notifications(START, "digest"), tab);
        if (time === 1) reports.acked(["digest"], tab);
      }
    }
    for (const tab of ["laptop", "tablet"]) reports.acked(["digest"], tab);
  }
  reports.accepted("next", START);
  for (const tab of ["1", "2", "3", "4"]) reports.sent(notifications(START, "next"), tab);
  assertEquals(reports.of("next")?.sent, 4);
});

Deno.test("reportLimits remembers for an hour, or as long as notifications are kept, or a minute", () => {
  const idSeconds = [86_400, 3_600, 5, 0].map((seconds) => reportLimits({ seconds }).idMs / 1_000);
  assertEquals(idSeconds, [3_600, 3_600, 5, 1]);
  const minutes = [86_400, 3_600, 600, 60, 0].map((seconds) => reportLimits({ seconds }).ms / 60_000);
  assertEquals(minutes, [60, 60, 10, 1, 1]);
});

/** What Reports is to do, as simply as possible: no tally is ever removed from, and everything is counted anew. */
class Model {
  readonly #limits: ReportLimits;
  #tallies: { id: string; at: number; handed: Set<string>; acks: Map<string, number> }[] = [];
  #forgottenUntil = -Infinity;
  now = START;

  constructor(limits: ReportLimits) {
    this.#limits = limits;
  }

  accepted(id: string, at: number): void {
    const known = this.#find(id);
    if (known !== undefined && at >= known.at + this.#limits.idMs) this.#drop(known);
    if (this.#find(id) === undefined) this.#begin(id, at);
  }

  /** Takes a place on, as what was forgotten by its id. */
  #drop(tally: { id: string; handed: Set<string>; acks: Map<string, number> }): void {
    tally.id = "nobody's";
    tally.handed.clear();
    tally.acks.clear();
  }

  sent(handed: readonly { id: string; text: string }[], connection: string): void {
    for (const { id, text } of handed) {
      if (this.#find(id) === undefined && this.#isWhole(Number(text))) this.#begin(id, Number(text));
    }
    for (const { id } of handed) this.#find(id)?.handed.add(connection);
    if (this.#awaiting > this.#limits.awaiting) this.#makeRoom();
  }

  acked(ids: readonly string[], connection: string): void {
    for (const id of ids) {
      const tally = this.#find(id);
      if (tally?.handed.has(connection) && !tally.acks.has(connection)) tally.acks.set(connection, this.now);
    }
  }

  of(id: string): Report | null {
    const tally = this.#find(id);
    if (tally === undefined || tally.at + this.#limits.ms <= this.now) return null;
    const { at, handed, acks } = tally;
    const firstAckMs = acks.size === 0 ? null : Math.max(0, Math.min(...acks.values()) - at);
    return { id, acceptedAt: at, sent: handed.size, acked: acks.size, firstAckMs };
  }

  get #awaiting(): number {
    return this.#tallies.reduce((sum, { handed, acks }) => sum + handed.size - acks.size, 0);
  }

  #find(id: string) {
    return this.#tallies.find((tally) => tally.id === id);
  }

  #isWhole(at: number): boolean {
    return at > this.#forgottenUntil && at > this.now - this.#limits.ms;
  }

  #begin(id: string, at: number): void {
    this.#tallies.push({ id, at, handed: new Set(), acks: new Map() });
    this.#makeRoom();
  }

  #makeRoom(): void {
    for (let first = this.#tallies[0]; first !== undefined; first = this.#tallies[0]) {
      const { reports, awaiting, ms } = this.#limits;
      const isOver = this.#tallies.length > reports || this.#awaiting > awaiting;
      if (!isOver && first.at + ms > this.now) return;
      this.#forgottenUntil = Math.max(this.#forgottenUntil, first.at);
      this.#tallies = this.#tallies.slice(1);
    }
  }
}

type Step =
  | { does: "accept"; id: string }
  | { does: "begin"; targets: number } // of a notification whose id is its own
  | { does: "send"; ids: string[]; connection: string; ageMs: number } // if nobody has heard of them before
  | { does: "ack"; ids: string[]; connection: string }
  | { does: "pass"; ms: number };

const IDS = Array.from({ length: 12 }, (_, n) => `n${n}`);
const id = fc.constantFrom(...IDS);
const ids = fc.uniqueArray(id, { minLength: 1, maxLength: 4 });
const connection = fc.constantFrom("laptop", "tablet", "desktop", "phone");
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ does: fc.constant("accept" as const), id }),
  fc.record({ does: fc.constant("begin" as const), targets: fc.integer({ min: 1, max: 3 }) }),
  fc.record({
    does: fc.constant("send" as const),
    ids,
    connection,
    ageMs: fc.integer({ min: 0, max: 2_500 }),
  }),
  fc.record({ does: fc.constant("ack" as const), ids, connection }),
  fc.record({ does: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: 400 }) }),
);
const limits = fc.record({
  reports: fc.integer({ min: 1, max: 8 }),
  awaiting: fc.integer({ min: 1, max: 10 }),
  due: fc.constant(0),
  ms: fc.integer({ min: 100, max: 2_000 }),
  idMs: fc.integer({ min: 100, max: 2_000 }),
});

Deno.test("Reports is as a simple model of it, and within its bounds, whatever is accepted, sent and acked", () => {
  fc.assert(
    fc.property(limits, fc.array(step, { minLength: 10, maxLength: 80 }), (limits, steps) => {
      const { reports, clock } = bench(limits);
      const model = new Model(limits);
      const acceptedAt = new Map<string, number>(); // a notification has one time of acceptance, here and anywhere
      const handedTo = new Set<string>();
      let fresh = 0;
      function timeOf(id: string, ageMs: number): number {
        const at = acceptedAt.get(id) ?? clock.now - ageMs;
        acceptedAt.set(id, at);
        return at;
      }
      for (const step of steps) {
        if (step.does === "accept") {
          if (clock.now >= (acceptedAt.get(step.id) ?? Infinity) + limits.idMs) { // another one, with the same id
            acceptedAt.delete(step.id);
            for (const key of handedTo) if (key.startsWith(`${step.id} `)) handedTo.delete(key);
          }
          for (const one of [reports, model]) one.accepted(step.id, timeOf(step.id, 0));
        } else if (step.does === "begin") {
          const id = `own ${fresh++}`;
          for (let target = 0; target < step.targets; target++) {
            reports.began(id, clock.now);
            model.accepted(id, clock.now);
          }
          for (const one of [reports, model]) one.sent(notifications(clock.now, id), "watch");
          assertEquals(reports.of(id), model.of(id));
        } else if (step.does === "send") {
          const unsent = step.ids.filter((id) => !handedTo.has(`${id} ${step.connection}`)); // none is sent twice
          for (const id of unsent) handedTo.add(`${id} ${step.connection}`);
          const handed = unsent.flatMap((id) => notifications(timeOf(id, step.ageMs), id));
          for (const one of [reports, model]) one.sent(handed, step.connection);
        } else if (step.does === "ack") {
          for (const one of [reports, model]) one.acked(step.ids, step.connection);
        } else {
          model.now = clock.now += step.ms;
        }
        const known = IDS.map((id) => reports.of(id));
        assertEquals(known, IDS.map((id) => model.of(id)));
        const held = known.filter((report) => report !== null);
        assert(held.length <= limits.reports);
        assert(held.reduce((sum, { sent, acked }) => sum + sent - acked, 0) <= limits.awaiting);
        for (const { acceptedAt } of held) assert(clock.now - acceptedAt < limits.ms);
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("Reports holds its bounds when all of the notifications that a node can be sent come at once", () => {
  const { reports } = bench({ reports: 1_000, awaiting: 5_000 });
  for (let n = 0; n < 20_000; n++) {
    reports.accepted(`n${n}`, START + n);
    for (let tab = 0; tab < n % 20; tab++) reports.sent(notifications(0, `n${n}`), `t${tab}`);
  }
  const held = Array.from({ length: 20_000 }, (_, n) => reports.of(`n${n}`)).filter((one) => one !== null);
  const awaited = held.reduce((sum, { sent }) => sum + sent, 0);
  assert(held.length <= 1_000 && awaited <= 5_000 && awaited > 4_900, `${held.length}, ${awaited}`);
  assertEquals(held.at(-1)?.id, "n19999");
});
