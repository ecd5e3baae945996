/** Tests Reports: the counts of each notification, and limits that hold under any load. */

import { assert, assertEquals } from "@std/assert";
import { type ReportLimits, reportLimits } from "../../src/reports/report_limits.ts";
import { Reports } from "../../src/reports/reports.ts";

const AMPLE = reportLimits({ seconds: 3_600 });
const START = Date.UTC(1804, 6, 11, 7);
const UNREAD = { read: 0, firstReadAt: null, push: null };

/** Notifications whose text is the time at which they were accepted. */
function notifications(at: number, ...ids: readonly string[]) {
  return ids.map((id) => ({ id, target: "alexander", position: id, text: `${at}`, bytes: 1 }));
}

function setUp(limits: Partial<ReportLimits> = {}) {
  const clock = { now: START };
  const parsed: string[] = [];
  const reports = new Reports({
    limits: { ...AMPLE, ...limits },
    acceptedAt(text) {
      parsed.push(text);
      return Number(text);
    },
    now: () => clock.now,
  });
  return { reports, clock, parsed };
}

Deno.test("Reports counts the connections that were sent a notification, and those of them that acked", () => {
  const { reports, clock, parsed } = setUp();
  reports.accepted("duel", START - 5);
  for (const connection of ["laptop", "tablet", "desktop"]) {
    reports.sent(notifications(0, "duel"), connection);
  }
  assertEquals(reports.get("duel"), {
    id: "duel",
    acceptedAt: START - 5,
    sent: 3,
    acked: 0,
    firstAckMs: null,
    ...UNREAD,
  });
  clock.now += 65;
  reports.acked(["unknown", "duel", "duel"], "laptop");
  clock.now += 10;
  reports.acked(["duel"], "tablet");
  assertEquals(reports.get("duel"), {
    id: "duel",
    acceptedAt: START - 5,
    sent: 3,
    acked: 2,
    firstAckMs: 70,
    ...UNREAD,
  });
  assertEquals(parsed, [], "the text is parsed only for a notification without a report");
});

Deno.test("Reports ignores an ack from a connection that was not sent the notification", () => {
  const { reports } = setUp();
  reports.acked(["duel"], "laptop");
  assertEquals(reports.get("duel"), null);
  reports.accepted("duel", START);
  reports.acked(["duel"], "laptop");
  reports.sent(notifications(START, "duel"), "tablet");
  reports.acked(["duel"], "laptop");
  assertEquals(reports.get("duel")?.acked, 0);
});

Deno.test("Reports has a report of a notification that was accepted and sent to nobody", () => {
  const { reports } = setUp();
  reports.accepted("duel", START);
  assertEquals(reports.get("duel"), {
    id: "duel",
    acceptedAt: START,
    sent: 0,
    acked: 0,
    firstAckMs: null,
    ...UNREAD,
  });
  assertEquals(reports.get("other"), null);
});

Deno.test("Reports creates a report with the time of acceptance when an unknown notification is sent", () => {
  const { reports, parsed } = setUp();
  reports.sent(notifications(START - 1_000, "a", "b"), "laptop");
  reports.sent(notifications(START - 1_000, "a", "b"), "tablet");
  reports.acked(["b"], "tablet");
  reports.accepted("b", START); // it has a report already
  for (const [id, acked, firstAckMs] of [["a", 0, null], ["b", 1, 1_000]] as const) {
    assertEquals(reports.get(id), { id, acceptedAt: START - 1_000, sent: 2, acked, firstAckMs, ...UNREAD });
  }
  assertEquals(parsed.length, 2, "once for each notification");
});

Deno.test("Reports never puts the first ack before the acceptance, even if another node's clock is ahead", () => {
  const { reports } = setUp();
  reports.sent(notifications(START + 5_000, "duel"), "laptop");
  reports.acked(["duel"], "laptop");
  assertEquals(reports.get("duel")?.firstAckMs, 0);
});

Deno.test("Reports keeps the count of a notification that was sent before its acceptance was reported", () => {
  const { reports } = setUp();
  reports.sent(notifications(START, "own"), "laptop"); // the feed may deliver it before the append resolves
  reports.acceptedNew("own", START);
  reports.sent(notifications(START, "own"), "tablet");
  assertEquals(reports.get("own")?.sent, 2);
});

Deno.test("Reports drops a report when its time is over, and creates none for an older notification", () => {
  const { reports, clock } = setUp({ maxAgeMs: 1_000 });
  reports.accepted("duel", START);
  reports.sent(notifications(START, "duel"), "laptop");
  clock.now += 999;
  assert(reports.get("duel") !== null);
  clock.now += 1;
  assertEquals(reports.get("duel"), null);
  reports.sent(notifications(START, "older"), "laptop");
  reports.accepted("new", clock.now);
  assertEquals([reports.get("older"), reports.get("new")?.sent], [null, 0]);
});

Deno.test("Reports drops the oldest report when there are too many, and creates no incomplete one in its place", () => {
  const { reports } = setUp({ maxReports: 2 });
  for (const [index, id] of ["a", "b", "c"].entries()) {
    reports.accepted(id, START + index);
    reports.sent(notifications(START + index, id), "laptop");
  }
  assertEquals(["a", "b", "c"].map((id) => reports.get(id)?.sent), [undefined, 1, 1]);
  reports.sent(notifications(START, "a"), "tablet");
  assertEquals(["a", "b", "c"].map((id) => reports.get(id)?.sent), [undefined, 1, 1]);
  reports.acked(["a"], "laptop");
  reports.sent(notifications(START + 3, "d"), "tablet"); // accepted on another node
  assertEquals(["b", "c", "d"].map((id) => reports.get(id)?.sent), [undefined, 1, 1]);
});

Deno.test("Reports drops the oldest report when too many connections have not acked", () => {
  const { reports } = setUp({ maxUnacked: 4 });
  for (const [index, id] of ["a", "b", "c"].entries()) reports.accepted(id, START + index);
  for (const connection of ["1", "2"]) reports.sent(notifications(0, "a", "b"), connection);
  assertEquals(["a", "b"].map((id) => reports.get(id)?.sent), [2, 2]);
  reports.acked(["a"], "1");
  reports.sent(notifications(0, "c"), "1");
  assertEquals(["a", "b", "c"].map((id) => reports.get(id)?.sent), [2, 2, 1], "an ack makes room");
  reports.sent(notifications(0, "c"), "2");
  assertEquals(["a", "b", "c"].map((id) => reports.get(id)?.sent), [undefined, 2, 2]);
});

Deno.test("Reports drops the report of a notification that alone exceeds the limit of connections", () => {
  const { reports } = setUp({ maxUnacked: 4 });
  reports.accepted("all", START);
  for (const connection of ["1", "2", "3", "4", "5", "6"]) {
    reports.sent(notifications(START, "all"), connection);
  }
  assertEquals(reports.get("all"), null);
  reports.accepted("next", START);
  reports.sent(notifications(START, "next"), "1");
  assertEquals(reports.get("next")?.sent, 1);
});

Deno.test("Reports creates a new report when an id is accepted again after its window", () => {
  const { reports, clock } = setUp({ maxAgeMs: 60_000, idWindowMs: 1_000 });
  reports.accepted("digest", START);
  reports.sent(notifications(START, "digest"), "laptop");
  clock.now += 999;
  reports.accepted("digest", clock.now); // for a target that failed at first
  assertEquals([reports.get("digest")?.acceptedAt, reports.get("digest")?.sent], [START, 1]);
  clock.now += 1;
  reports.accepted("digest", clock.now);
  reports.accepted("digest", clock.now); // for another target
  assertEquals([reports.get("digest")?.acceptedAt, reports.get("digest")?.sent], [START + 1_000, 0]);
  reports.sent(notifications(clock.now, "digest"), "laptop");
  reports.acked(["digest"], "laptop");
  const [report] = [reports.get("digest")];
  assertEquals([report?.sent, report?.acked, report?.firstAckMs], [1, 1, 0]);
});

Deno.test("Reports creates a new report for the id of an expired one that was not dropped yet", () => {
  const { reports, clock } = setUp({ maxAgeMs: 1_000, idWindowMs: 1_000 });
  reports.accepted("digest", START);
  clock.now += 1_000;
  reports.accepted("digest", clock.now);
  assertEquals(reports.get("digest")?.acceptedAt, START + 1_000);
});

Deno.test("Reports tells a late delivery from a reused id that was accepted on another node", () => {
  const { reports, clock } = setUp({ maxAgeMs: 60_000, idWindowMs: 1_000 });
  reports.sent(notifications(START, "digest"), "laptop");
  clock.now += 1_500;
  reports.sent(notifications(START, "digest"), "tablet");
  assertEquals([reports.get("digest")?.acceptedAt, reports.get("digest")?.sent], [START, 2]);
  reports.sent(notifications(START + 1_000, "digest"), "laptop");
  assertEquals([reports.get("digest")?.acceptedAt, reports.get("digest")?.sent], [START + 1_000, 1]);
});

Deno.test("Reports frees all its room after connections were sent the same id several times and acked it", () => {
  const { reports } = setUp({ maxUnacked: 4 });
  for (let round = 0; round < 5; round++) {
    for (let time = 0; time < 3; time++) { // the journal forgets the id earlier if it keeps few bytes
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
  assertEquals(reports.get("next")?.sent, 4);
});

Deno.test("reportLimits keeps reports for an hour, or for the retention if that is shorter, but at least a minute", () => {
  const idSeconds = [86_400, 3_600, 5, 0].map((seconds) => reportLimits({ seconds }).idWindowMs / 1_000);
  assertEquals(idSeconds, [3_600, 3_600, 5, 1]);
  const minutes = [86_400, 3_600, 600, 60, 0].map((seconds) => reportLimits({ seconds }).maxAgeMs / 60_000);
  assertEquals(minutes, [60, 60, 10, 1, 1]);
});

Deno.test("Reports keeps its limits when 20,000 notifications arrive at once", () => {
  const { reports } = setUp({ maxReports: 1_000, maxUnacked: 5_000 });
  for (let n = 0; n < 20_000; n++) {
    reports.accepted(`n${n}`, START + n);
    for (let tab = 0; tab < n % 20; tab++) reports.sent(notifications(0, `n${n}`), `t${tab}`);
  }
  const kept = Array.from({ length: 20_000 }, (_, n) => reports.get(`n${n}`)).filter((one) => one !== null);
  const unacked = kept.reduce((sum, { sent }) => sum + sent, 0);
  assert(kept.length <= 1_000 && unacked <= 5_000 && unacked > 4_900, `${kept.length}, ${unacked}`);
  assertEquals(kept.at(-1)?.id, "n19999");
});

Deno.test("Reports counts each target that has read a notification once, and when the first did", () => {
  const { reports, clock } = setUp();
  reports.accepted("duel", START);
  clock.now += 50;
  reports.read(["duel", "duel"], "alexander");
  clock.now += 50;
  for (const target of ["burr", "alexander", "eliza", "burr"]) reports.read(["duel"], target);
  const { read, firstReadAt } = reports.get("duel") ?? {};
  assertEquals([read, firstReadAt], [3, START + 50]);
});

Deno.test("Reports counts who has read a notification that only other nodes have accepted and sent", () => {
  const { reports, clock } = setUp();
  reports.read(["duel"], "alexander");
  const counts = {
    acceptedAt: null,
    sent: 0,
    acked: 0,
    firstAckMs: null,
    read: 1,
    firstReadAt: START,
    push: null,
  };
  assertEquals(reports.get("duel"), { id: "duel", ...counts });
  clock.now += 10;
  reports.sent(notifications(START - 5, "duel"), "laptop");
  reports.read(["duel"], "alexander");
  reports.read(["duel"], "burr");
  const { acceptedAt, sent, read, firstReadAt } = reports.get("duel") ?? {};
  assertEquals([acceptedAt, sent, read, firstReadAt], [START - 5, 1, 2, START]);
});

Deno.test("Reports counts anew who has read a notification under an id that is used again", () => {
  const { reports, clock } = setUp({ idWindowMs: 1_000 });
  reports.accepted("digest", START);
  reports.read(["digest"], "alexander");
  clock.now += 1_000;
  reports.accepted("digest", clock.now);
  assertEquals(reports.get("digest")?.read, 0);
  reports.read(["digest"], "alexander");
  assertEquals([reports.get("digest")?.read, reports.get("digest")?.firstReadAt], [1, clock.now]);
});

Deno.test("Reports forgets who has read a notification as soon as its report would be forgotten", () => {
  const { reports, clock } = setUp({ maxAgeMs: 1_000 });
  reports.read(["duel"], "alexander");
  clock.now += 999;
  assertEquals(reports.get("duel")?.read, 1);
  clock.now += 1;
  assertEquals(reports.get("duel"), null);
});
