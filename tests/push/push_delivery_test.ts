/** PushDelivery: whether a push that is due is sent, to which devices, and what is tried again. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Draft, UnavailableError } from "../../src/journal/journal.ts";
import { MemoryJournal } from "../../src/journal/memory.ts";
import { PushDelivery } from "../../src/push/push_delivery.ts";
import { type DuePush, pushKey, toPush } from "../../src/push/push_record.ts";
import type { OutgoingPush, PushOutcome } from "../../src/push/push_sender.ts";
import type { Subscription } from "../../src/push/subscriptions.ts";

const START = Date.UTC(1804, 6, 11, 7);
const RETENTION = { seconds: 3_600, perTarget: 5, bytes: 1024 * 1024 };
const REQUEST = { after: 10, title: null, body: null, navigate: null };
const NEVER = new AbortController().signal;

function subscription(id: string): Subscription {
  const keys = { endpoint: `https://push.example/${id}`, p256dh: "p", auth: "a" };
  return { ...keys, id, target: "alexander", origin: "https://example.com" };
}

function left(id: string, at = START) {
  return { id, at };
}

/** Everything around a delivery: devices 1 and 2 of alexander, whose push services answer as a test says. */
class Devices {
  readonly clock = { now: START };
  readonly journal = new MemoryJournal({ offer: () => true, gap() {} }, RETENTION, () => this.clock.now);
  readonly subscriptions = new Map(["1", "2"].map((id) => [id, subscription(id)]));
  /** What the next reads fail with; null: they do not. */
  readonly subscriptionReads: (Error | null)[] = [];
  readonly withdrawn = new Set<string>();
  readonly sent: OutgoingPush[] = [];
  readonly reported: [string, object][] = [];
  readonly failures: string[] = [];
  readonly counted: string[] = [];
  outcomeOf: (push: OutgoingPush) => PushOutcome | Promise<PushOutcome> = () => ({ kind: "sent" });
  readonly delivery = new PushDelivery({
    journal: this.journal,
    subscriptions: {
      of: (target) => {
        const error = this.subscriptionReads.shift() ?? null;
        if (error !== null) return Promise.reject(error);
        return Promise.resolve([...this.subscriptions.values()].filter((one) => one.target === target));
      },
      forget: ({ id }) => Promise.resolve(void this.subscriptions.delete(id)),
    },
    sender: {
      send: async (push) => {
        this.sent.push(push);
        return await this.outcomeOf(push);
      },
    },
    escalation: { isWithdrawn: (key) => this.withdrawn.has(key) },
    reports: { pushed: ({ id }, counts) => void this.reported.push([id, counts]) },
    metrics: { pushed: (outcome) => void this.counted.push(outcome) },
    onFailure: (reason) => void this.failures.push(reason),
    now: () => this.clock.now,
  });

  /** Appends a notification, and returns its push, which is due. */
  async post(id: string, more: Partial<Draft> = {}): Promise<DuePush> {
    const { next: after } = await this.journal.read("alexander", null, { entries: 0, bytes: 0 });
    const plain = { target: "alexander", data: "1", ttl: null, topic: null, urgency: null, digest: null };
    const draft = { ...plain, id, push: REQUEST, ...more };
    await this.journal.append([draft]);
    const expiresAt = this.clock.now + 1000 * (draft.ttl ?? RETENTION.seconds);
    const push = toPush({ ...draft, target: "alexander", push: REQUEST }, {
      after,
      addedAt: this.clock.now,
      expiresAt,
    });
    this.clock.now += 10_000;
    return push;
  }

  get sentTo(): string[] {
    return this.sent.map(({ subscription: { id } }) => id);
  }
}

Deno.test("PushDelivery sends a push to all devices of the target, with the time that is left", async () => {
  const devices = new Devices();
  const push = await devices.post("duel", { topic: "t", urgency: "high", data: '{"title":"T"}' });
  assertEquals(await devices.delivery.deliver(push, NEVER), null);
  assertEquals(devices.sentTo, ["1", "2"]);
  const [{ content, ttl } = { content: undefined, ttl: 0 }] = devices.sent;
  const { position, ...rest } = content ?? { position: null };
  assert(position !== null);
  const expected = { id: "duel", target: "alexander", topic: "t", urgency: "high", data: '{"title":"T"}' };
  assertEquals<unknown>([rest, ttl], [{ ...expected, request: REQUEST }, 3_590]);
  assertEquals(devices.reported, [["duel", { sent: 2, failed: 0, gone: 0 }]]);
});

Deno.test("PushDelivery sends nothing of what was withdrawn, has ended, or is read", async () => {
  const devices = new Devices();
  const withdrawn = await devices.post("withdrawn");
  devices.withdrawn.add(pushKey("withdrawn", "alexander"));
  const brief = await devices.post("brief", { ttl: 11 });
  devices.clock.now += 1_000;
  const read = await devices.post("read");
  const { position } = await devices.journal.inbox("alexander", null, { entries: 1, bytes: 1 });
  await devices.journal.mark("alexander", { type: "read", through: position });
  const unread = await devices.post("unread");
  for (const push of [withdrawn, brief, read]) {
    assertEquals(await devices.delivery.deliver(push, NEVER), null);
  }
  assertEquals([devices.sent, devices.reported], [[], []]);
  await devices.delivery.deliver(unread, NEVER);
  assertEquals(devices.sentTo, ["1", "2"]);
});

Deno.test("PushDelivery sends nothing of what a newer notification of its topic has replaced or retracted", async () => {
  for (const ttl of [null, 0]) {
    const devices = new Devices();
    const old = await devices.post("old", { topic: "score" });
    const newer = await devices.post("new", { topic: "score", ttl });
    devices.clock.now += 30_000;
    assertEquals(await devices.delivery.deliver(old, NEVER), null);
    assertEquals(devices.sent, []);
    if (ttl === null) await devices.delivery.deliver(newer, NEVER);
    assertEquals(devices.sentTo, ttl === null ? ["1", "2"] : []);
  }
});

Deno.test("PushDelivery waits for a notification that is still being appended, but not for one that never was", async () => {
  const devices = new Devices();
  const { next: after } = await devices.journal.read("alexander", null, { entries: 0, bytes: 0 });
  const push = { ...await devices.post("other"), id: "duel", after };
  const next = await devices.delivery.deliver(push, NEVER);
  assertEquals(next, { push, at: devices.clock.now + 1_000 });
  devices.clock.now = push.addedAt + 30_000;
  assertEquals(await devices.delivery.deliver(push, NEVER), null);
  assertEquals(devices.sent, []);
});

Deno.test("PushDelivery sends a push whose notification the journal had no room to keep", async () => {
  const devices = new Devices();
  const push = await devices.post("duel");
  for (let n = 0; n < 6; n++) await devices.post(`${n}`);
  await devices.delivery.deliver(push, NEVER);
  assertEquals([devices.sentTo, devices.sent[0]?.content.position], [["1", "2"], null]);
});

Deno.test("PushDelivery tries again what failed for now, alone, later each time, and not before it is asked to", async () => {
  const devices = new Devices();
  devices.outcomeOf = ({ subscription: { id } }) =>
    id === "1" ? { kind: "later", afterMs: null } : { kind: "sent" };
  let next = await devices.delivery.deliver(await devices.post("duel"), NEVER), waited = 0;
  for (let attempt = 1; attempt < 5; attempt++) {
    assert(next !== null);
    assertEquals([next.push.left, next.push.attempts], [[left("1", next.at)], attempt]);
    assert(next.at - devices.clock.now > waited);
    waited = next.at - devices.clock.now;
    assertEquals(waited, Math.ceil(waited)); // no file takes anything else
    devices.clock.now = next.at;
    next = await devices.delivery.deliver(next.push, NEVER);
  }
  assertEquals(devices.sentTo, ["1", "2", "1", "1", "1", "1"]);
  assertEquals(devices.reported, [["duel", { sent: 1, failed: 0, gone: 0 }]]);
  devices.outcomeOf = () => ({ kind: "later", afterMs: 600_000 });
  assert(next !== null);
  devices.clock.now = next.at;
  next = await devices.delivery.deliver(next.push, NEVER);
  assertEquals(next?.at, devices.clock.now + 600_000);
  devices.clock.now += 3_600_000;
  assert(next !== null);
  assertEquals(await devices.delivery.deliver(next.push, NEVER), null);
  assertEquals(devices.reported.at(-1), ["duel", { sent: 0, failed: 1, gone: 0 }]);
});

Deno.test("PushDelivery makes no device wait for as long as the push service of another one asks for", async () => {
  const devices = new Devices();
  devices.outcomeOf = ({ subscription: { id } }) => ({ kind: "later", afterMs: id === "1" ? 600_000 : null });
  const push = await devices.post("duel"), first = devices.clock.now;
  const next = await devices.delivery.deliver(push, NEVER);
  assert(next !== null && next.at < first + 10_000);
  devices.clock.now = next.at;
  devices.outcomeOf = () => ({ kind: "sent" });
  const last = await devices.delivery.deliver(next.push, NEVER);
  assertEquals(devices.sentTo, ["1", "2", "2"]);
  assertEquals([last?.at, last?.push.left], [first + 600_000, [left("1", first + 600_000)]]);
  devices.clock.now = first + 600_000;
  assert(last !== null);
  assertEquals(await devices.delivery.deliver(last.push, NEVER), null);
  assertEquals(devices.sentTo, ["1", "2", "2", "1"]);
});

Deno.test("PushDelivery sends to no device twice if the subscriptions cannot be read after it was sent to", async () => {
  const devices = new Devices();
  const push = await devices.post("duel"), { now } = devices.clock;
  devices.subscriptionReads.push(null, null, new UnavailableError("gone")); // of the target, of device 1, of device 2
  const next = await devices.delivery.deliver(push, NEVER);
  assert(next !== null && next.at > now);
  assertEquals([next.push.left, devices.sentTo], [[left("2", next.at)], ["1"]]);
  assertEquals([devices.reported, devices.counted], [[["duel", { sent: 1, failed: 0, gone: 0 }]], ["sent"]]);
  devices.clock.now = next.at;
  assertEquals(await devices.delivery.deliver(next.push, NEVER), null);
  assertEquals(devices.sentTo, ["1", "2"]);
});

Deno.test("PushDelivery does not try again what was withdrawn while it was sent", async () => {
  const devices = new Devices();
  devices.outcomeOf = () => {
    devices.withdrawn.add(pushKey("duel", "alexander"));
    return { kind: "later", afterMs: null };
  };
  assertEquals(await devices.delivery.deliver(await devices.post("duel"), NEVER), null);
});

Deno.test("PushDelivery forgets a subscription that is gone, and logs why a push was refused", async () => {
  const devices = new Devices();
  devices.outcomeOf = ({ subscription: { id } }) =>
    id === "1" ? { kind: "gone" } : { kind: "failed", reason: "it was refused with 403" };
  assertEquals(await devices.delivery.deliver(await devices.post("duel"), NEVER), null);
  assertEquals([...devices.subscriptions.keys()], ["2"]);
  assertEquals(devices.failures, ["it was refused with 403"]);
  assertEquals(devices.counted, ["gone", "failed"]);
  assertEquals(devices.reported, [["duel", { sent: 0, failed: 1, gone: 1 }]]);
});

Deno.test("PushDelivery does not send to a device that has become another target's meanwhile", async () => {
  const devices = new Devices();
  devices.outcomeOf = ({ subscription: { id } }) => {
    const other = devices.subscriptions.get("2");
    if (id === "1" && other !== undefined) devices.subscriptions.set("2", { ...other, target: "burr" });
    return { kind: "later", afterMs: null };
  };
  const push = await devices.post("duel");
  const first = await devices.delivery.deliver({ ...push, left: [left("1")] }, NEVER);
  assert(first !== null);
  await devices.delivery.deliver({ ...push, left: [left("2")] }, NEVER);
  assertEquals(devices.sentTo, ["1"]);
});

Deno.test("PushDelivery leaves everything to another try at once when it is stopped", async () => {
  const devices = new Devices();
  const push = await devices.post("duel");
  const next = await devices.delivery.deliver(push, AbortSignal.abort());
  const { now } = devices.clock;
  assertEquals(next, { push: { ...push, left: [left("1", now), left("2", now)] }, at: now });
  assertEquals(devices.sent, []);
});

Deno.test("PushDelivery sends nothing while the journal cannot be read", async () => {
  const devices = new Devices();
  const push = await devices.post("duel");
  devices.journal.read = () => Promise.reject(new UnavailableError("gone"));
  await assertRejects(() => devices.delivery.deliver(push, NEVER), UnavailableError);
  assertEquals(devices.sent, []);
});

Deno.test("PushDelivery has at most 64 sendings under way", async () => {
  const devices = new Devices(), answers: PromiseWithResolvers<PushOutcome>[] = [];
  devices.outcomeOf = () => {
    const answer = Promise.withResolvers<PushOutcome>();
    answers.push(answer);
    return answer.promise;
  };
  for (let n = 0; n < 10; n++) {
    const endpoint = `https://push-${n}.example/`; // one service alone gets half of them
    devices.subscriptions.set(`${n}`, { ...subscription(`${n}`), endpoint });
  }
  const push = await devices.post("duel");
  const deliveries = Array.from({ length: 10 }, () => devices.delivery.deliver(push, NEVER));
  let ended = 0;
  while (ended < 100) {
    await new Promise((resolve) => setTimeout(resolve));
    assert(answers.length <= 64, `${answers.length}`);
    ended += answers.length;
    for (const { resolve } of answers.splice(0)) resolve({ kind: "sent" });
  }
  assertEquals(await Promise.all(deliveries), Array(10).fill(null));
});
