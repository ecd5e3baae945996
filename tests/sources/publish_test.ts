/** publish turns the text of a request into drafts, and the receipts into an answer. */

import { assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import type { Draft, Receipt } from "../../src/journal/journal.ts";
import type { AddReceipt, ScheduledRecord } from "../../src/schedule/schedule.ts";
import { Problem } from "../../src/wire/problem.ts";
import { publish, type PublishRequest } from "../../src/sources/publish.ts";

const RECEIPTS = ["p1", "p2", "p3"].map((position, index) => (
  { outcome: "kept" as const, position, expiresAt: index * 1_000 }
));
const EPOCH = "1970-01-01T00:00:00.000Z", SECOND = "1970-01-01T00:00:01.000Z";
const TWO_SECONDS = "1970-01-01T00:00:02.000Z";
/** For requests in which nothing is scheduled. */
const NOTHING_LATER = {
  schedule: () => Promise.reject(new Error("nothing is scheduled")),
  now: () => 0,
  lifeMs: () => 0,
  hasPushes: false,
};
const CONFLICT: Receipt = { outcome: "conflict" };

/** Creates a `notify` whose intake returns the first of these receipts, one for each draft. */
function publishWith(receipts: readonly Receipt[]) {
  const appended: Draft[] = [];
  function accept(drafts: readonly Draft[]): Promise<readonly Receipt[]> {
    appended.push(...drafts);
    return Promise.resolve(receipts.slice(0, drafts.length));
  }
  const notify = (json: string, key: PublishRequest["key"]) =>
    publish({ json, key }, { ...NOTHING_LATER, accept });
  return { notify, appended, accept };
}

Deno.test("publish answers one notification with its id, position and expiry", async () => {
  const { notify, appended } = publishWith(RECEIPTS);
  const json = '{"target":"alexander","data":{"a":1.0},"id":"mine"}';
  const { answer } = await notify(json, null);
  assertEquals(answer, { id: "mine", position: "p1", expires: EPOCH });
  assertEquals(appended.map(({ target, data }) => [target, data]), [["alexander", '{"a":1.0}']]);
});

Deno.test("publish answers with a generated id if none was given", async () => {
  const { notify, appended } = publishWith(RECEIPTS);
  const { answer } = await notify('{"everyone":true,"data":1}', null);
  assertEquals<unknown>(answer, { id: appended[0]?.id, position: "p1", expires: EPOCH });
});

Deno.test("publish answers for each notification of an array, with null for everyone", async () => {
  const array = '[{"target":"a","data":1},{"everyone":true,"data":1},{"target":"a","data":2}]';
  const { answer } = await publishWith(RECEIPTS).notify(array, "key");
  assertEquals(answer, {
    notifications: [
      { target: "a", id: "key.0", position: "p1", expires: EPOCH },
      { target: null, id: "key.1", position: "p2", expires: SECOND },
      { target: "a", id: "key.2", position: "p3", expires: TWO_SECONDS },
    ],
  });
});

Deno.test("publish lists every notification and target with its position for publishers that wait for acks", async () => {
  const array = '[{"targets":["a","b"],"data":1},{"everyone":true,"data":2}]';
  for (
    const [json, accepted, ids, isArray] of [
      ['{"target":"a","data":1}', ["key a p1"], ["key"], false],
      ['{"targets":["a","b"],"data":1}', ["key a p1", "key b p2"], ["key"], false],
      [array, ["key.0 a p1", "key.0 b p2", "key.1 null p3"], ["key.0", "key.1"], true],
    ] as const
  ) {
    const published = await publishWith(RECEIPTS).notify(json, "key");
    assertEquals(published.accepted().map(({ id, target, position }) => `${id} ${target} ${position}`), [
      ...accepted,
    ]);
    assertEquals([published.ids, published.isArray], [[...ids], isArray]);
  }
});

Deno.test("publish returns the id of each notification, even if two have the same", async () => {
  const array = '[{"target":"a","data":1,"id":"same"},{"target":"a","data":1,"id":"same"}]';
  assertEquals((await publishWith(RECEIPTS).notify(array, null)).ids, ["same", "same"]);
});

Deno.test("publish names each id in conflict once, and no otherss", async () => {
  const { notify } = publishWith([...RECEIPTS.slice(0, 1), CONFLICT, CONFLICT, CONFLICT]);
  const array = '[{"target":"a","data":1},{"targets":["a","b"],"data":1},{"target":"a","data":1}]';
  const problem = await assertRejects(() => notify(array, "key"), Problem);
  assertEquals(problem.kind, "id-conflict");
  assertEquals(problem.errors?.map(({ message }) => message), [
    "key.1 was used for other content",
    "key.2 was used for other content",
  ]);
});

Deno.test("publish appends nothing from a request that is refused", async () => {
  const { notify, appended } = publishWith(RECEIPTS);
  for (const json of ["", "{", '[{"target":"a","data":1},{"target":"a"}]']) {
    await assertRejects(() => notify(json, null), Problem);
  }
  assertEquals(appended, []);
});

Deno.test("publish rejects with the error of the intake", async () => {
  const reason = new Problem("unavailable", "no room");
  const intake = { ...NOTHING_LATER, accept: () => Promise.reject(reason) };
  const request = { json: '{"target":"a","data":1}', key: null };
  assertStrictEquals(await assertRejects(() => publish(request, intake)), reason);
});

const NOW = Date.UTC(1804, 6, 11, 7);
const LATER = "1804-07-11T08:00:00Z";

/** Creates a `notify` whose intake answers each record that is to be scheduled with one of these receipts. */
function scheduleWith(receipts: readonly AddReceipt[]) {
  const { notify: _, appended, accept } = publishWith(RECEIPTS);
  const scheduled: ScheduledRecord[] = [];
  const intake = {
    accept,
    now: () => NOW,
    lifeMs: (ttl: number | null) => 1000 * (ttl ?? 3_600),
    hasPushes: false,
    schedule(records: readonly ScheduledRecord[]) {
      scheduled.push(...records);
      return Promise.resolve(receipts.slice(0, records.length));
    },
  };
  return {
    notify: (body: unknown) => publish({ json: JSON.stringify(body), key: "key" }, intake),
    appended,
    scheduled,
  };
}

Deno.test("publish schedules what has a time, accepts the rest, and answers in the order of the request", async () => {
  const due = { outcome: "added", dueAt: NOW + 3_600_000 } as const;
  const { notify, appended, scheduled } = scheduleWith([due, { ...due, outcome: "repeated" }]);
  const { answer } = await notify([
    { target: "a", data: 1 },
    { targets: ["b", "c"], data: 2, at: LATER, ttl: 60 },
    { target: "d", data: 3 },
    { everyone: true, data: 4, at: LATER },
  ]);
  assertEquals(answer, {
    notifications: [
      { target: "a", id: "key.0", position: "p1", expires: EPOCH },
      { target: "b", id: "key.1", position: null, expires: "1804-07-11T08:01:00.000Z" },
      { target: "c", id: "key.1", position: null, expires: "1804-07-11T08:01:00.000Z" },
      { target: "d", id: "key.2", position: "p2", expires: SECOND },
      { target: null, id: "key.3", position: null, expires: "1804-07-11T09:00:00.000Z" },
    ],
  });
  assertEquals(appended.map(({ target }) => target), ["a", "d"]);
  assertEquals(scheduled.map(({ key, dueAt }) => [key, dueAt]), [
    ["notification key.1", due.dueAt],
    ["notification key.3", due.dueAt],
  ]);
});

Deno.test("publish names the scheduled notifications whose ids were used for something else", async () => {
  const { notify } = scheduleWith([{ outcome: "conflict" }]);
  const problem = await assertRejects(() => notify({ target: "a", data: 1, at: LATER }), Problem);
  assertEquals([problem.kind, problem.errors], [
    "id-conflict",
    [{ path: "id", message: "key was used for other content" }],
  ]);
});

Deno.test("publish accepts nothing of a request of which something is to be sent too late", async () => {
  const { notify, appended, scheduled } = scheduleWith([]);
  const body = [{ target: "a", data: 1 }, { target: "a", data: 2, at: LATER }, {
    target: "a",
    data: 3,
    at: "1805-07-11T07:00:00Z",
  }];
  const problem = await assertRejects(() => notify(body), Problem);
  assertEquals([problem.kind, problem.errors?.[0]?.path], ["does-not-fit", "2.at"]);
  assertEquals([appended, scheduled], [[], []]);
});

Deno.test("publish refuses a push if Web Push is not configured, names the variables, and accepts nothing", async () => {
  const { notify, appended } = publishWith(RECEIPTS);
  const plain = '{"target":"a","data":1}', pushed = '{"target":"a","data":1,"push":true}';
  for (const [json, path] of [[pushed, "push"], [`[${plain},${pushed}]`, "1.push"]] as const) {
    const { kind, errors } = await assertRejects(() => notify(json, null), Problem);
    assertEquals([kind, errors?.map(({ path }) => path)], ["does-not-fit", [path]]);
    assertMatch(errors?.[0]?.message ?? "", /TIDINGS_VAPID_PRIVATE_KEY and TIDINGS_VAPID_SUBJECT/);
  }
  assertEquals(appended, []);
  await notify(plain, null);
});

Deno.test("publish refuses a push that comes when the retention has ended, and accepts nothing", async () => {
  const { accept, appended } = publishWith(RECEIPTS);
  const notify = (body: unknown, seconds: number) => {
    const lifeMs = (ttl: number | null) => 1000 * Math.min(ttl ?? Infinity, seconds);
    const intake = { ...NOTHING_LATER, accept, lifeMs, hasPushes: true };
    return publish({ json: JSON.stringify(body), key: null }, intake);
  };
  const pushes = [10, 60, 59].map((after) => ({ target: "a", data: 1, push: { after } }));
  const { kind, errors } = await assertRejects(() => notify(pushes, 60), Problem);
  assertEquals([kind, errors?.map(({ path }) => path)], ["does-not-fit", ["1.push"]]);
  await assertRejects(() => notify({ target: "a", data: 1, ttl: 86_400, push: { after: 60 } }, 60), Problem);
  await assertRejects(() => notify({ target: "a", data: 1, push: { after: 0 } }, 0), Problem);
  assertEquals(appended, []);
  await notify(pushes, 61);
  assertEquals(appended.map(({ push }) => push?.after), [10, 60, 59]);
});

const TRACE = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };
const OWN = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

Deno.test("publish gives notifications the trace context of the request, unless they have their own", async () => {
  const { appended, accept } = publishWith(RECEIPTS);
  const json = JSON.stringify([
    { target: "a", data: 1 },
    { target: "a", data: 2, traceparent: OWN, tracestate: "vendor=1" },
    { target: "a", data: 3, traceparent: "none" },
  ]);
  await publish({ json, key: null, trace: TRACE }, { ...NOTHING_LATER, accept });
  assertEquals(appended.map(({ trace }) => trace), [
    TRACE,
    { traceparent: OWN, tracestate: "vendor=1" },
    TRACE,
  ]);
});

Deno.test("publish gives drafts no field for a trace that nobody has sent", async () => {
  const { notify, appended } = publishWith(RECEIPTS);
  await notify('{"target":"a","data":1,"ttl":5}', null);
  assertEquals(appended.map((draft) => "trace" in draft || "span" in draft), [false]);
});

Deno.test("publish names the span that is active, for what follows later", async () => {
  const { appended, accept } = publishWith(RECEIPTS);
  const intake = { ...NOTHING_LATER, accept, currentSpan: () => OWN };
  await publish({ json: '{"target":"a","data":1}', key: null }, intake);
  assertEquals(appended.map(({ trace, span }) => [trace, span]), [[undefined, OWN]]);
});

Deno.test("publish takes the same notification of two traces for a repeat, by its digest", async () => {
  const { appended, accept } = publishWith(RECEIPTS);
  const json = '{"target":"a","data":1,"id":"x"}';
  for (const trace of [TRACE, { traceparent: OWN }]) {
    await publish({ json, key: null, trace }, { ...NOTHING_LATER, accept });
  }
  assertStrictEquals(appended[0]?.digest, appended[1]?.digest);
});
