/** Pusher, PushDelivery and PushSender with a push service that hangs: the others receive their pushes. */

import { assertEquals } from "@std/assert";
import { generateVapidKeys } from "../../src/config/vapid.ts";
import { MemoryJournal } from "../../src/journal/memory.ts";
import { memorySubscriptions } from "../../src/push/memory_subscriptions.ts";
import { PushDelivery } from "../../src/push/push_delivery.ts";
import { PushSender } from "../../src/push/push_sender.ts";
import { endpointRule } from "../../src/push/push_services.ts";
import { type PushDraft, toPush, toRecord } from "../../src/push/push_record.ts";
import { Pusher } from "../../src/push/pusher.ts";
import { memorySchedule } from "../../src/schedule/memory.ts";
import { eventually } from "../eventually.ts";
import { PLAIN_DRAFT } from "../journal/plain_draft.ts";
import { PushService, type TestSubscription } from "./push_service.ts";

const RETENTION = { seconds: 3_600, perTarget: 5, bytes: 1024 * 1024 };
const REQUEST = { after: 0, title: null, body: null, navigate: null };

/** A node's pushes, with a sender that waits for an answer for as long as a test runs. */
function createNode() {
  const journal = new MemoryJournal({ offer: () => true, gap() {} }, RETENTION);
  const subscriptions = memorySubscriptions({ maxBytes: 1024 * 1024 });
  const schedule = memorySchedule({ maxBytes: 16 * 1024 * 1024, now: Date.now });
  const isAllowed = endpointRule({ origins: [], allowLoopback: true });
  const vapid = { ...generateVapidKeys(), subject: "mailto:push@example.com" };
  const delivery = new PushDelivery({
    journal,
    subscriptions,
    sender: new PushSender({ vapid, isAllowed, log: { debug() {} }, timeoutMs: 3_600_000 }),
    escalation: { isWithdrawn: () => false },
    reports: { pushed() {} },
    metrics: { pushed() {} },
    onFailure() {},
    now: Date.now,
    stalledMs: 300,
  });
  const errors: unknown[] = [];
  const start = () =>
    new Pusher({ schedule, delivery, report: (error) => errors.push(error), now: Date.now, everyMs: 5 });
  /** Posts a notification whose push is due, to a target with one device. */
  const post = async (target: string, device: TestSubscription) => {
    await subscriptions.add({ ...device, target, origin: null });
    const { next: after } = await journal.read(target, null, { entries: 0, bytes: 0 });
    const draft: PushDraft = { ...PLAIN_DRAFT, id: `of ${target}`, target, data: "1", push: REQUEST };
    await journal.append([draft]);
    const addedAt = Date.now(), expiresAt = addedAt + 1000 * RETENTION.seconds;
    const push = toPush(draft, { after, addedAt, expiresAt });
    await schedule.add([toRecord(push, { digest: "", at: addedAt })]);
  };
  return { start, post, errors };
}

Deno.test("Pusher sends to one push service while another one hangs, however much is due there before", async () => {
  await using hanging = new PushService();
  await using good = new PushService();
  const { start, post, errors } = createNode();
  for (let n = 0; n < 150; n++) await post(`hanging ${n}`, hanging.subscribe("never"));
  const devices = Array.from({ length: 50 }, () => good.subscribe());
  for (const [n, device] of devices.entries()) await post(`good ${n}`, device);
  const pusher = start();
  await eventually(() => good.pushes.size === devices.length, "all pushes to the service that answers");
  await eventually(() => hanging.pushes.size === 32, "half of the 64 sendings");
  await pusher.close();
  assertEquals(errors, []);
});
