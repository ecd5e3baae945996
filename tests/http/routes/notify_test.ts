/** notify: which bodies it accepts and refuses, and what it stores. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { assertProblem } from "../assert_problem.ts";
import { HELLO, inTargets, NotifyClient, withHello } from "./notify_client.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${index}`);
}

Deno.test("notify accepts one notification, and returns its position and when it expires", async () => {
  using _ = new FakeTime("2026-01-01T00:00:00Z");
  const client = new NotifyClient();
  const { id, position, expires, ...rest } = await client.publish(HELLO);
  assertMatch(id, UUID);
  assertEquals<unknown>(rest, {});
  assertEquals(expires, "2026-01-01T01:00:00.000Z");
  const [entry, more] = client.entries;
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

Deno.test("notify accepts ttl, topic, urgency and id", async () => {
  using _ = new FakeTime("2026-01-01T00:00:00Z");
  const client = new NotifyClient();
  const answer = await client.publish({ ...HELLO, ttl: 60, topic: "greeting", urgency: "high", id: "mine" });
  assertEquals([answer.id, answer.expires], ["mine", "2026-01-01T00:01:00.000Z"]);
  const { id, topic, urgency } = JSON.parse(client.entries[0]?.text ?? "");
  assertEquals([id, topic, urgency], ["mine", "greeting", "high"]);
  const { expires } = await client.publish({ ...HELLO, ttl: 86_400 });
  assertEquals(expires, "2026-01-01T01:00:00.000Z", "at most the retention");
});

Deno.test("notify accepts a notification for several targets", async () => {
  const client = new NotifyClient();
  const { notifications } = await client.publish({ targets: ["burr", "alexander"], data: 7 });
  assertEquals(client.delivered, [["burr", 7], ["alexander", 7]]);
  assertEquals(
    notifications.map(({ target, position }) => [target, position]),
    client.entries.map(({ target, position }) => [target, position]),
  );
  assertEquals(notifications[0]?.id, notifications[1]?.id);
});

Deno.test("notify accepts a notification for everyone", async () => {
  const client = new NotifyClient();
  const { position } = await client.publish({ everyone: true, data: null });
  assertEquals([client.delivered, client.entries[0]?.position], [[[null, null]], position]);
});

Deno.test("notify accepts an array, and answers in its order", async () => {
  const client = new NotifyClient();
  const { notifications } = await client.publish([
    { target: "alexander", data: 1 },
    { everyone: true, data: 2 },
    { targets: ["burr", "alexander"], data: 3 },
  ]);
  assertEquals(client.delivered, [["alexander", 1], [null, 2], ["burr", 3], ["alexander", 3]]);
  assertEquals(notifications.map(({ target }) => target), [
    ...["alexander", null],
    ...["burr", "alexander"],
  ]);
  assertEquals(
    notifications.map(({ position }) => position),
    client.entries.map(({ position }) => position),
  );
});

Deno.test("notify accepts the maximum of every limit", async () => {
  const longest = "\u{1f5fd}".repeat(128);
  for (const target of [longest, "...", " ", "a/b?c#d%"]) {
    await new NotifyClient().publish({ target, data: 1 });
  }
  assertEquals(
    (await new NotifyClient().publish({ targets: numbers(1_000), data: 1 })).notifications.length,
    1_000,
  );
  const many = numbers(1_000).map((target) => ({ target, data: 1 }));
  assertEquals((await new NotifyClient().publish(many)).notifications.length, 1_000);
  const tenThousand = numbers(10).map(() => ({ targets: numbers(1_000), data: 1 }));
  assertEquals((await new NotifyClient().publish(tenThousand)).notifications.length, 10_000);
  await new NotifyClient().publish({ ...HELLO, data: "x".repeat(65_534) });
});

Deno.test("notify preserves numbers that a double cannot represent", async () => {
  const client = new NotifyClient();
  const { status } = await client.post('{"target":"alexander","data":\n[12345678901234567890, 1.10]}\n');
  assertEquals(status, 202);
  assertStringIncludes(client.entries[0]?.text ?? "", '"data":[12345678901234567890, 1.10]');
});

Deno.test("notify accepts JSON with any Content-Type, such as that of curl", async () => {
  for (const type of ["application/x-www-form-urlencoded", "text/plain", "application/json; charset=utf-8"]) {
    const response = await new NotifyClient().post(JSON.stringify(HELLO), { "content-type": type });
    assertEquals(response.status, 202, type);
  }
});

function inTarget(target: unknown): string {
  return JSON.stringify({ target, data: 1 });
}

const JUST_TOO_LARGE = JSON.stringify(HELLO).padEnd(1_048_577);
const LARGE_DATA = "x".repeat(65_535); // with its quotes, a byte over 64 KiB

/** Invalid bodies: the description, the body, the problem, and the path of the first violation. */
const INVALID: readonly [string, BodyInit | null, string, string?][] = [
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
  [
    "a target that is repeated with an escape",
    '{"targets":["a","\\u0061"],"data":1}',
    "422 does-not-fit",
    "targets",
  ],
  ["an empty target among others", inTargets("alexander", ""), "422 does-not-fit", "targets.1"],
  ["1,001 notifications", JSON.stringify(numbers(1_001).map(() => HELLO)), "422 does-not-fit", ""],
  ["a negative ttl", withHello({ ttl: -1 }), "422 does-not-fit", "ttl"],
  ["a ttl that is a text", withHello({ ttl: "1h" }), "422 does-not-fit", "ttl"],
  ["a topic of 33 characters", withHello({ topic: "t".repeat(33) }), "422 does-not-fit", "topic"],
  ["an unknown urgency", withHello({ urgency: "urgent" }), "422 does-not-fit", "urgency"],
  ["an empty id", withHello({ id: "" }), "422 does-not-fit", "id"],
  ["an id of 129 characters", withHello({ id: "i".repeat(129) }), "422 does-not-fit", "id"],
  [
    "a valid notification with an invalid one",
    `[${JSON.stringify(HELLO)},${withHello({ ttl: -1 })}]`,
    "422 does-not-fit",
    "1.ttl",
  ],
];

for (const [what, body, problem, path] of INVALID) {
  Deno.test(`notify refuses ${what}, stores nothing of it, and accepts the next request`, async () => {
    const client = new NotifyClient();
    const { errors } = await assertProblem(await client.post(body), problem);
    assertEquals(errors?.[0]?.path, path);
    assertEquals(client.delivered, []);
    await client.publish(HELLO);
  });
}

Deno.test("notify refuses a Content-Length over 1 MiB", async () => {
  const response = await new NotifyClient().post(JUST_TOO_LARGE, {
    "content-length": `${JUST_TOO_LARGE.length}`,
  });
  await assertProblem(response, "413 too-large");
  assertEquals((await new NotifyClient().post(JUST_TOO_LARGE.slice(0, -1))).status, 202);
});

Deno.test("notify refuses more than 10,000 notifications to one target each, as a violation of the schema", async () => {
  const client = new NotifyClient();
  const entries = [...numbers(10).map(() => ({ targets: numbers(1_000), data: 1 })), HELLO];
  const { errors } = await assertProblem(await client.post(JSON.stringify(entries)), "422 does-not-fit");
  assertEquals(client.delivered, []);
  assertEquals(errors?.length, 1);
});

Deno.test("notify answers 503 with Retry-After, and accepts nothing, if the queue is full", async () => {
  const client = new NotifyClient();
  client.queue.size = 9_999;
  const response = await client.post(inTargets("alexander", "burr"));
  assertEquals(response.headers.get("retry-after"), "1");
  await assertProblem(response, "503 unavailable");
  assertEquals(client.delivered, []);
  await client.publish(HELLO);
});

Deno.test("notify accepts nothing while the service stops", async () => {
  const client = new NotifyClient();
  client.isDraining = true;
  const response = await client.post(JSON.stringify(HELLO));
  assertEquals(response.headers.get("retry-after"), "1");
  await assertProblem(response, "503 unavailable");
  assertEquals(client.delivered, []);
});
