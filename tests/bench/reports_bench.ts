/** Benchmarks of reports: a delivery that is counted beside one that is not. */

import type { Notification } from "../../src/hub/outbox.ts";
import { reportLimits } from "../../src/reports/report_limits.ts";
import { Reports } from "../../src/reports/reports.ts";

const TABS = 1_000;
const connections = Array.from({ length: TABS }, () => crypto.randomUUID());
const acceptedAt = () => Date.now();

/** Returns a new notification in the form in which an outbox sends it. */
function notification(): readonly Notification[] {
  return [{ id: crypto.randomUUID(), target: "alexander", position: "", text: "", bytes: 0 }];
}

const noReports = {
  accepted: (_id: string, _at: number) => {},
  sent: (_: unknown, _connection: string) => {},
};

Deno.bench("a notification to 1,000 tabs, not counted", { group: "reports", baseline: true }, () => {
  const one = notification();
  noReports.accepted(one[0]?.id ?? "", Date.now());
  for (const connection of connections) noReports.sent(one, connection);
});

const unacked = new Reports({ limits: reportLimits({ seconds: 3_600 }), acceptedAt });

Deno.bench("a notification to 1,000 tabs, counted", { group: "reports" }, () => {
  const one = notification();
  unacked.accepted(one[0]?.id ?? "", Date.now());
  for (const connection of connections) unacked.sent(one, connection);
});

const acked = new Reports({ limits: reportLimits({ seconds: 3_600 }), acceptedAt });

Deno.bench("a notification to 1,000 tabs, counted, and their acks", { group: "reports" }, () => {
  const one = notification();
  const ids = one.map(({ id }) => id ?? "");
  acked.accepted(ids[0] ?? "", Date.now());
  for (const connection of connections) acked.sent(one, connection);
  for (const connection of connections) acked.acked(ids, connection);
});

const single = new Reports({ limits: reportLimits({ seconds: 3_600 }), acceptedAt });

Deno.bench("1,000 notifications to a tab each, counted", { group: "reports" }, () => {
  for (const connection of connections) {
    const one = notification();
    single.accepted(one[0]?.id ?? "", Date.now());
    single.sent(one, connection);
  }
});
