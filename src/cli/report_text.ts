/** A delivery report as text for people. */

import type { z } from "zod";
import type { Report } from "../reference/responses.ts";

export function reportText(report: z.infer<typeof Report>): string {
  const { id, accepted_at, scheduled_at, sent, acked, first_ack_ms, read, first_read_ms, push } = report;
  const lines = [["notification", id], ["accepted", accepted_at]];
  if (scheduled_at !== undefined) lines.push(["scheduled", scheduled_at]);
  lines.push(["sent", `to ${count(sent, "connection")}`]);
  lines.push(["acked", `by ${count(acked, "connection")}${after(first_ack_ms)}`]);
  lines.push(["read", `by ${count(read, "target")}${after(first_read_ms)}`]);
  if (push !== null) {
    lines.push(["push", `due ${push.due_at}: ${push.sent} sent, ${push.failed} failed, ${push.gone} gone`]);
  }
  return lines.map(([name = "", value]) => `${name.padEnd(14)}${value}`).join("\n");
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function after(ms: number | null): string {
  return ms === null ? "" : `, first after ${ms} ms`;
}
