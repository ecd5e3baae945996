/** notify: `POST /v1/notify` in all its forms, down to a journal, and every bad input. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import type { Hono } from "hono";
import type { Entry } from "../../../src/journal/journal.ts";
import { MemoryJournal } from "../../../src/journal/memory.ts";
import type { Nodes } from "../../../src/cluster/nodes.ts";
import { testIntake } from "../../sources/test_intake.ts";
import { assertProblem } from "../assert_problem.ts";
import { CONFIG, PUBLISHER_KEY, testApp } from "../test_app.ts";
import { type Given, TestNodes } from "../test_nodes.ts";

interface Accepted {
  readonly id: string;
  readonly position: string;
  readonly expires: string;
}

/** To one, or (`notifications`) to several. */
interface Answer extends Accepted {
  readonly notifications: readonly (Accepted & { readonly target: string | null })[];
}

/** The route, with a journal behind it whose every entry for alexander, burr and everyone is seen. */
class Desk {
  readonly entries: Entry[] = [];
  readonly room = { size: 0, capacity: 10_000 };
  draining = false;
  readonly #journal = new MemoryJournal(
    { offer: (entry) => this.entries.push(entry) > 0, gap() {} },
    CONFIG.retention,
  );
  readonly #app: Hono;

  /** @param nodes who are asked for reports */
  constructor(nodes: Nodes = new TestNodes({})) {
    const isDraining = () => this.draining;
    const intake = testIntake({ journal: this.#journal, queue: this.room, isDraining });
    this.#app = testApp({ intake, nodes }).app;
    for (const target of ["alexander", "burr"]) this.#journal.follow(target);
  }

  /** What came, as the browsers of the targets get it. */
  get arrived(): [string | null, unknown][] {
    return this.entries.map(({ target, text }) => [target, JSON.parse(text).data]);
  }

  async post(
    body: BodyInit | null,
    headers: Record<string, string> = {},
    signal: AbortSignal | null = null,
  ): Promise<Response> {
    const authorization = `Bearer ${PUBLISHER_KEY}`;
    return await this.#app.request("/v1/notify", {
      method: "POST",
      body,
      headers: { authorization, ...headers },
      signal,
    });
  }

  /** The answer to what is accepted. */
  async accepted(body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await this.post(JSON.stringify(body), headers);
    assertEquals([response.status, response.headers.get("content-type")], [202, "application/json"]);
    return await response.json();
  }
}

const HELLO = { target: "alexander", data: { title: "Hello, Alexander Hamilton!" } };
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${index}`);
}

Deno.test("notify takes one notification, and says where it is kept and until when", async () => {
  using _ = new FakeTime("2026-01-01T00:00:00Z");
  const desk = new Desk();
  const { id, position, expires, ...rest } = await desk.accepted(HELLO);
  assertMatch(id, UUID);
  assertEquals<unknown>(rest, {});
  assertEquals(expires, "2026-01-01T01:00:00.000Z");
  const [entry, more] = desk.entries;
  assert(entry !== undefined && more === undefined);
  assertEquals(entry.position, position);
  assertEquals(JSON.parse(entry.text), {
    type: "notification",
    id,
    position,
    at: "2026-01-01T00:00:00.000Z",
    data: HELLO.data,
  });
});

Deno.test("notify takes ttl, topic, urgency and id", async () => {
  using _ = new FakeTime("2026-01-01T00:00:00Z");
  const desk = new Desk();
  const answer = await desk.accepted({ ...HELLO, ttl: 60, topic: "greeting", urgency: "high", id: "mine" });
  assertEquals([answer.id, answer.expires], ["mine", "2026-01-01T00:01:00.000Z"]);
  const { id, topic, urgency } = JSON.parse(desk.entries[0]?.text ?? "");
  assertEquals([id, topic, urgency], ["mine", "greeting", "high"]);
  const { expires } = await desk.accepted({ ...HELLO, ttl: 86_400 });
  assertEquals(expires, "2026-01-01T01:00:00.000Z", "no longer than anything is kept");
});

Deno.test("notify takes a notification for several targets", async () => {
  const desk = new Desk();
  const { notifications } = await desk.accepted({ targets: ["burr", "alexander"], data: 7 });
  assertEquals(desk.arrived, [["burr", 7], ["alexander", 7]]);
  assertEquals(
    notifications.map(({ target, position }) => [target, position]),
    desk.entries.map(({ target, position }) => [target, position]),
  );
  assertEquals(notifications[0]?.id, notifications[1]?.id);
});

Deno.test("notify takes a notification for everyone", async () => {
  const desk = new Desk();
  const { position } = await desk.accepted({ everyone: true, data: null });
  assertEquals([desk.arrived, desk.entries[0]?.position], [[[null, null]], position]);
});

Deno.test("notify takes an array, and answers in its order", async () => {
  const desk = new Desk();
  const { notifications } = await desk.accepted([
    { target: "alexander", data: 1 },
    { everyone: true, data: 2 },
    { targets: ["burr", "alexander"], data: 3 },
  ]);
  assertEquals(desk.arrived, [["alexander", 1], [null, 2], ["burr", 3], ["alexander", 3]]);
  assertEquals(notifications.map(({ target }) => target), [
    ...["alexander", null],
    ...["burr", "alexander"],
  ]);
  assertEquals(
    notifications.map(({ position }) => position),
    desk.entries.map(({ position }) => position),
  );
});

Deno.test("notify takes the most that is allowed of everything", async () => {
  const longest = "\u{1f5fd}".repeat(128);
  for (const target of [longest, "...", " ", "a/b?c#d%"]) await new Desk().accepted({ target, data: 1 });
  assertEquals((await new Desk().accepted({ targets: numbers(1_000), data: 1 })).notifications.length, 1_000);
  const many = numbers(1_000).map((target) => ({ target, data: 1 }));
  assertEquals((await new Desk().accepted(many)).notifications.length, 1_000);
  const tenThousand = numbers(10).map(() => ({ targets: numbers(1_000), data: 1 }));
  assertEquals((await new Desk().accepted(tenThousand)).notifications.length, 10_000);
  await new Desk().accepted({ ...HELLO, data: "x".repeat(65_534) });
});

Deno.test("notify keeps the numbers of the publisher, whatever a double would make of them", async () => {
  const desk = new Desk();
  const { status } = await desk.post('{"target":"alexander","data":\n[12345678901234567890, 1.10]}\n');
  assertEquals(status, 202);
  assertStringIncludes(desk.entries[0]?.text ?? "", '"data":[12345678901234567890, 1.10]');
});

Deno.test("notify takes JSON by whatever name, as curl calls it form data", async () => {
  for (const type of ["application/x-www-form-urlencoded", "text/plain", "application/json; charset=utf-8"]) {
    const response = await new Desk().post(JSON.stringify(HELLO), { "content-type": type });
    assertEquals(response.status, 202, type);
  }
});

function inTargets(...targets: unknown[]): string {
  return JSON.stringify({ targets, data: 1 });
}

function inTarget(target: unknown): string {
  return JSON.stringify({ target, data: 1 });
}

function withHello(members: Record<string, unknown>): string {
  return JSON.stringify({ ...HELLO, ...members });
}

const JUST_TOO_LARGE = JSON.stringify(HELLO).padEnd(1_048_577);
const LARGE_DATA = "x".repeat(65_535); // with its quotes, a byte over 64 KiB

/** Of each: what it is, the body, the problem, and the path of the first misfit. */
const BAD: readonly [string, BodyInit | null, string, string?][] = [
  ["no body", null, "400 not-json"],
  ["an empty body", "", "400 not-json"],
  ["what is not JSON", "target=alexander&data=1", "400 not-json"],
  [
    "what is not UTF-8",
    Uint8Array.of(...new TextEncoder().encode('{"data":"'), 0xe4, 0x22, 0x7d),
    "400 bad-request",
  ],
  ["a body over 1 MiB", JUST_TOO_LARGE, "413 too-large"],
  ["data over 64 KiB", withHello({ data: LARGE_DATA }), "413 too-large"],
  [
    "data over 64 KiB, in an array",
    `[${JSON.stringify(HELLO)},${withHello({ data: LARGE_DATA })}]`,
    "413 too-large",
  ],
  ["an empty array", "[]", "422 does-not-fit", ""],
  ["an unknown field", withHello({ title: "Hello" }), "422 does-not-fit", ""],
  ["no data", '{"target":"alexander"}', "422 does-not-fit", "data"],
  ["none of target, targets and everyone", '{"data":1}', "422 does-not-fit", ""],
  ["target and targets", withHello({ targets: ["burr"] }), "422 does-not-fit", ""],
  ["target and everyone", withHello({ everyone: true }), "422 does-not-fit", ""],
  ["targets and everyone", '{"targets":["burr"],"everyone":true,"data":1}', "422 does-not-fit", ""],
  ["everyone: false", '{"everyone":false,"data":1}', "422 does-not-fit", "everyone"],
  ["a target that is a number", inTarget(7), "422 does-not-fit", "target"],
  ["an empty target", inTarget(""), "422 does-not-fit", "target"],
  ["a target of 257 characters", inTarget("a".repeat(257)), "422 does-not-fit", "target"],
  [
    "a target of 258 UTF-16 units in 129 characters",
    inTarget("🗽".repeat(129)),
    "422 does-not-fit",
    "target",
  ],
  ["a target with a control character", inTarget("a\0b"), "422 does-not-fit", "target"],
  ["the target .", inTarget("."), "422 does-not-fit", "target"],
  ["the target ..", inTarget(".."), "422 does-not-fit", "target"],
  ["a target with a lone surrogate", '{"target":"\\ud83d","data":1}', "422 does-not-fit", "target"],
  ["no targets", inTargets(), "422 does-not-fit", "targets"],
  ["1,001 targets", inTargets(...numbers(1_001)), "422 does-not-fit", "targets"],
  ["repeated targets", inTargets("alexander", "burr", "alexander"), "422 does-not-fit", "targets"],
  ["a target repeated in other words", '{"targets":["a","\\u0061"],"data":1}', "422 does-not-fit", "targets"],
  ["an empty one among the targets", inTargets("alexander", ""), "422 does-not-fit", "targets.1"],
  ["1,001 notifications", JSON.stringify(numbers(1_001).map(() => HELLO)), "422 does-not-fit", ""],
  ["a negative ttl", withHello({ ttl: -1 }), "422 does-not-fit", "ttl"],
  ["a ttl in words", withHello({ ttl: "1h" }), "422 does-not-fit", "ttl"],
  ["a topic of 33 characters", withHello({ topic: "t".repeat(33) }), "422 does-not-fit", "topic"],
  ["an unknown urgency", withHello({ urgency: "urgent" }), "422 does-not-fit", "urgency"],
  ["an empty id", withHello({ id: "" }), "422 does-not-fit", "id"],
  ["an id of 129 characters", withHello({ id: "i".repeat(129) }), "422 does-not-fit", "id"],
  [
    "a good one with a bad one",
    `[${JSON.stringify(HELLO)},${withHello({ ttl: -1 })}]`,
    "422 does-not-fit",
    "1.ttl",
  ],
];

for (const [what, body, problem, path] of BAD) {
  Deno.test(`notify refuses ${what}, keeps nothing of it, and goes on`, async () => {
    const desk = new Desk();
    const { errors } = await assertProblem(await desk.post(body), problem);
    assertEquals(errors?.[0]?.path, path);
    assertEquals(desk.arrived, []);
    await desk.accepted(HELLO);
  });
}

Deno.test("notify refuses a body that says itself that it is over 1 MiB", async () => {
  const response = await new Desk().post(JUST_TOO_LARGE, { "content-length": `${JUST_TOO_LARGE.length}` });
  await assertProblem(response, "413 too-large");
  assertEquals((await new Desk().post(JUST_TOO_LARGE.slice(0, -1))).status, 202);
});

Deno.test("notify refuses more than 10,000 entries in all, and says so as of any misfit", async () => {
  const desk = new Desk();
  const entries = [...numbers(10).map(() => ({ targets: numbers(1_000), data: 1 })), HELLO];
  const { errors } = await assertProblem(await desk.post(JSON.stringify(entries)), "422 does-not-fit");
  assertEquals(desk.arrived, []);
  assertEquals(errors?.length, 1);
});

Deno.test("notify takes the id from Idempotency-Key, in quotes or without", async () => {
  for (
    const [key, id] of [['"a b"', "a b"], ["a-b", "a-b"], ['"\\"a\\\\b\\""', '"a\\b"']] as const
  ) {
    const desk = new Desk();
    assertEquals((await desk.accepted(HELLO, { "idempotency-key": key })).id, id);
    const { notifications } = await desk.accepted([HELLO, HELLO], { "idempotency-key": key });
    assertEquals(notifications.map(({ id }) => id), [`${id}.0`, `${id}.1`]);
  }
});

Deno.test("notify refuses Idempotency-Key together with id", async () => {
  const desk = new Desk();
  for (const body of [withHello({ id: "mine" }), `[${withHello({ id: "mine" })}]`]) {
    await assertProblem(await desk.post(body, { "idempotency-key": "mine" }), "400 bad-request");
  }
  assertEquals(desk.arrived, []);
});

Deno.test("notify refuses an Idempotency-Key that comes twice, is not ASCII, or has no end", async () => {
  for (const key of ['"a", "b"', '"caf\u00e9"', "caf\u00e9", '"a', '"a\\"', '"a\\b"']) {
    await assertProblem(await new Desk().post(withHello({}), { "idempotency-key": key }), "400 bad-request");
  }
});

Deno.test("notify refuses an Idempotency-Key that cannot be an id", async () => {
  for (const key of ['""', "k".repeat(129)]) {
    await assertProblem(await new Desk().post(withHello({}), { "idempotency-key": key }), "422 does-not-fit");
  }
});

Deno.test("notify answers a repeat as it answered before, and delivers nothing a second time", async () => {
  using time = new FakeTime();
  const desk = new Desk();
  const several = [HELLO, { targets: ["alexander", "burr"], data: 1 }];
  for (
    const [body, headers] of [[{ ...HELLO, id: "1" }, {}], [several, { "idempotency-key": "2" }]] as const
  ) {
    const first = await desk.accepted(body, headers);
    const delivered = desk.arrived.length;
    time.tick(1_000);
    assertEquals(await desk.accepted(body, headers), first);
    assertEquals(desk.arrived.length, delivered);
  }
  assertEquals(desk.arrived.length, 4);
});

Deno.test("notify refuses other content under an id that was used", async () => {
  const desk = new Desk();
  await desk.accepted({ ...HELLO, id: "1" });
  for (const other of [{ data: 2 }, { ttl: 1 }, { target: "burr" }, { topic: "t" }, { urgency: "low" }]) {
    const { errors } = await assertProblem(
      await desk.post(withHello({ id: "1", ...other })),
      "422 id-conflict",
    );
    assertEquals(errors, [{ path: "id", message: "1 was used for other content" }]);
  }
  assertEquals(desk.arrived.length, 1);
});

Deno.test("notify says which of an array are in conflict", async () => {
  const desk = new Desk();
  const key = { "idempotency-key": "key" };
  await desk.accepted([HELLO, HELLO], key);
  const response = await desk.post(JSON.stringify([HELLO, { ...HELLO, data: 2 }]), key);
  const { errors } = await assertProblem(response, "422 id-conflict");
  assertEquals(errors?.map(({ message }) => message), ["key.1 was used for other content"]);
  assertEquals(desk.arrived.length, 2);
});

Deno.test("notify takes nothing that there is no room for, and says when to come back", async () => {
  const desk = new Desk();
  desk.room.size = 9_999;
  const response = await desk.post(inTargets("alexander", "burr"));
  assertEquals(response.headers.get("retry-after"), "1");
  await assertProblem(response, "503 unavailable");
  assertEquals(desk.arrived, []);
  await desk.accepted(HELLO);
});

Deno.test("notify takes nothing while the service stops", async () => {
  const desk = new Desk();
  desk.draining = true;
  const response = await desk.post(JSON.stringify(HELLO));
  assertEquals(response.headers.get("retry-after"), "1");
  await assertProblem(response, "503 unavailable");
  assertEquals(desk.arrived, []);
});

const ACCEPTED_AT = Date.UTC(1804, 6, 11, 7);

/** A desk whose one node reports of everything that one of three has acked. */
function reportingDesk(given: Given = {}) {
  const counts = { acceptedAt: ACCEPTED_AT, sent: 3, acked: 1, firstAckMs: 70 };
  const nodes = new TestNodes({
    reports: ({ ids }) => [{ node: "n1", value: ids.map((id) => ({ id, ...counts })) }],
    acks: () => [{ node: "n1", value: null }],
    ...given,
  });
  return { desk: new Desk(nodes), nodes };
}

/** What it is on the wire. */
function reportOf(id: string) {
  return { id, accepted_at: "1804-07-11T07:00:00.000Z", sent: 3, acked: 1, first_ack_ms: 70 };
}

for (
  const [what, body, answer] of [
    ["one target", { ...HELLO, id: "1" }, reportOf("1")],
    ["several targets", { targets: ["alexander", "burr"], data: 1, id: "1" }, reportOf("1")],
    ["everyone", { everyone: true, data: 1, id: "1" }, reportOf("1")],
    ["an array of one", [{ ...HELLO, id: "1" }], { reports: [reportOf("1")] }],
    ["an array", [{ ...HELLO, id: "1" }, { targets: ["alexander", "burr"], data: 1, id: "2" }], {
      reports: [reportOf("1"), reportOf("2")],
    }],
  ] as const
) {
  Deno.test(`notify answers a publisher that prefers to wait with what became of it: ${what}`, async () => {
    const { desk } = reportingDesk();
    const response = await desk.post(JSON.stringify(body), { prefer: "respond-async, wait=90" });
    assertEquals([response.status, response.headers.get("preference-applied")], [200, "wait=60"]);
    assertEquals(await response.json(), answer);
  });
}

Deno.test("notify waits for what it has accepted, where it is kept, as long as the publisher prefers", async () => {
  const { desk, nodes } = reportingDesk();
  const body = [{ ...HELLO, id: "1" }, { everyone: true, data: 1, id: "2" }];
  await desk.post(JSON.stringify(body), { prefer: "wait=7" });
  assertEquals(nodes.asked[1], {
    kind: "acks",
    notifications: desk.entries.map(({ id, target, position, expiresAt }) => (
      { id, acceptedAt: ACCEPTED_AT, target, position, expiresAt }
    )),
    withinMs: 7_000,
  });
});

Deno.test("notify ignores a preference that it cannot read, or that is another", async () => {
  const { desk, nodes } = reportingDesk();
  for (const prefer of ["wait=soon", "respond-async", "", "wait"]) {
    const answer = await desk.accepted(HELLO, { prefer });
    assertMatch(answer.position, /-/);
  }
  assertEquals(nodes.asked, []);
});

Deno.test("notify answers as without a preference if there is no report", async () => {
  for (
    const given of [
      { reports: () => [{ node: "n1", value: [null] }] },
      { reports: () => [{ node: "n1", error: "why" }] },
    ] satisfies Given[]
  ) {
    const { desk } = reportingDesk(given);
    const { position } = await desk.accepted(HELLO, { prefer: "wait=10" });
    assertEquals(desk.entries[0]?.position, position);
  }
});

Deno.test("notify refuses what it would refuse without a preference", async () => {
  const { desk, nodes } = reportingDesk();
  await assertProblem(await desk.post("{", { prefer: "wait=10" }), "400 not-json");
  desk.draining = true;
  await assertProblem(await desk.post(withHello({}), { prefer: "wait=10" }), "503 unavailable");
  assertEquals([nodes.asked, desk.arrived], [[], []]);
});

Deno.test("notify waits no longer for a publisher that has left", async () => {
  const { desk } = reportingDesk({ acks: () => new Promise(() => {}) });
  const leaving = new AbortController();
  const answer = desk.post(withHello({}), { prefer: "wait=60" }, leaving.signal);
  while (desk.arrived.length < 1) await new Promise((resolve) => setImmediate(resolve));
  leaving.abort();
  assertEquals((await answer).status, 200, "which nobody reads");
});

Deno.test("notify accepts nothing more of publishers that would wait when 1,024 do, and goes on for others", async () => {
  const { promise: acked, resolve: ack } = Promise.withResolvers<readonly [{ node: string; value: null }]>();
  const { desk } = reportingDesk({ acks: () => acked });
  const waiting = Array.from({ length: 1_024 }, () => desk.post(withHello({}), { prefer: "wait=60" }));
  while (desk.arrived.length < 1_024) await new Promise((resolve) => setImmediate(resolve));
  const refused = await desk.post(withHello({}), { prefer: "wait=1" });
  assertEquals(refused.headers.get("retry-after"), "1");
  await assertProblem(refused, "503 unavailable");
  assertEquals(desk.arrived.length, 1_024);
  await desk.accepted(HELLO);
  ack([{ node: "n1", value: null }]);
  for (const response of await Promise.all(waiting)) assertEquals(response.status, 200);
  assertEquals((await desk.post(withHello({}), { prefer: "wait=1" })).status, 200, "there are places again");
});
