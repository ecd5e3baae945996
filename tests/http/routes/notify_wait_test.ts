/** notify: waiting for acks with `Prefer: wait`. */

import { assertEquals, assertMatch } from "@std/assert";
import { eventually } from "../../eventually.ts";
import { assertProblem } from "../assert_problem.ts";
import { type StubbedAnswers, TestNodes } from "../test_nodes.ts";
import { HELLO, NotifyClient, withHello } from "./notify_client.ts";

const ACCEPTED_AT = Date.UTC(1804, 6, 11, 7);

/** A client of a service whose one node reports an ack of one of three connections for every notification. */
function setUp(answers: StubbedAnswers = {}) {
  const counts = {
    acceptedAt: ACCEPTED_AT,
    sent: 3,
    acked: 1,
    firstAckMs: 70,
    read: 2,
    firstReadAt: ACCEPTED_AT + 80,
    push: null,
  };
  const nodes = new TestNodes({
    reports: ({ ids }) => [{ node: "n1", value: ids.map((id) => ({ id, ...counts })) }],
    acks: () => [{ node: "n1", value: null }],
    ...answers,
  });
  return { client: new NotifyClient(nodes), nodes };
}

/** The report as JSON. */
function reportOf(id: string) {
  const accepted_at = "1804-07-11T07:00:00.000Z";
  return { id, accepted_at, sent: 3, acked: 1, first_ack_ms: 70, read: 2, first_read_ms: 80, push: null };
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
  Deno.test(`notify answers Prefer: wait with the reports of ${what}`, async () => {
    const { client } = setUp();
    const response = await client.post(JSON.stringify(body), { prefer: "respond-async, wait=90" });
    assertEquals([response.status, response.headers.get("preference-applied")], [200, "wait=60"]);
    assertEquals(await response.json(), answer);
  });
}

Deno.test("notify waits for the acks of what it has accepted, for the preferred time", async () => {
  const { client, nodes } = setUp();
  const body = [{ ...HELLO, id: "1" }, { everyone: true, data: 1, id: "2" }];
  await client.post(JSON.stringify(body), { prefer: "wait=7" });
  assertEquals(nodes.asked[1], {
    kind: "acks",
    notifications: client.entries.map(({ id, target, position, expiresAt }) => (
      { id, acceptedAt: ACCEPTED_AT, target, position, expiresAt }
    )),
    withinMs: 7_000,
  });
});

Deno.test("notify ignores other preferences, and those that it cannot parse", async () => {
  const { client, nodes } = setUp();
  for (const prefer of ["wait=soon", "respond-async", "", "wait"]) {
    const answer = await client.publish(HELLO, { prefer });
    assertMatch(answer.position, /-/);
  }
  assertEquals(nodes.asked, []);
});

Deno.test("notify answers as without Prefer if there is no report", async () => {
  for (
    const answers of [
      { reports: () => [{ node: "n1", value: [null] }] },
      { reports: () => [{ node: "n1", error: "why" }] },
    ] satisfies StubbedAnswers[]
  ) {
    const { client } = setUp(answers);
    const { position } = await client.publish(HELLO, { prefer: "wait=10" });
    assertEquals(client.entries[0]?.position, position);
  }
});

Deno.test("notify refuses a request with Prefer as without it", async () => {
  const { client, nodes } = setUp();
  await assertProblem(await client.post("{", { prefer: "wait=10" }), "400 not-json");
  client.isDraining = true;
  await assertProblem(await client.post(withHello({}), { prefer: "wait=10" }), "503 unavailable");
  assertEquals([nodes.asked, client.delivered], [[], []]);
});

Deno.test("notify stops waiting when the publisher disconnects", async () => {
  const { client } = setUp({ acks: () => new Promise(() => {}) });
  const disconnected = new AbortController();
  const answer = client.post(withHello({}), { prefer: "wait=60" }, disconnected.signal);
  await eventually(() => client.delivered.length === 1, "the notification");
  disconnected.abort();
  assertEquals((await answer).status, 200, "an answer that nobody reads");
});

Deno.test("notify refuses requests with Prefer: wait while 1,024 wait, and accepts others", async () => {
  const { promise: acked, resolve: ack } = Promise.withResolvers<readonly [{ node: string; value: null }]>();
  const { client } = setUp({ acks: () => acked });
  const waiting = Array.from({ length: 1_024 }, () => client.post(withHello({}), { prefer: "wait=60" }));
  await eventually(() => client.delivered.length === 1_024, "1,024 notifications");
  const refused = await client.post(withHello({}), { prefer: "wait=1" });
  assertEquals(refused.headers.get("retry-after"), "1");
  await assertProblem(refused, "503 unavailable");
  assertEquals(client.delivered.length, 1_024);
  await client.publish(HELLO);
  ack([{ node: "n1", value: null }]);
  for (const response of await Promise.all(waiting)) assertEquals(response.status, 200);
  assertEquals((await client.post(withHello({}), { prefer: "wait=1" })).status, 200, "a slot is free again");
});
