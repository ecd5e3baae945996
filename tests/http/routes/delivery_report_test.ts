/** deliveryReport: how many connections a notification reached. */

import { assertEquals } from "@std/assert";
import { assertProblem } from "../assert_problem.ts";
import { createTestApp, PUBLISHER_KEY } from "../test_app.ts";
import { type StubbedAnswers, TestNodes } from "../test_nodes.ts";

const PUBLISHER = { headers: { authorization: `Bearer ${PUBLISHER_KEY}` } };
const AT = Date.UTC(1804, 6, 11, 7);
const NOTHING = { acceptedAt: null, sent: 0, acked: 0, firstAckMs: null, read: 0, firstReadAt: null };

function request(path: string, reports?: StubbedAnswers["reports"]): Promise<Response> | Response {
  return createTestApp({ nodes: new TestNodes(reports === undefined ? {} : { reports }) }).app.request(
    path,
    PUBLISHER,
  );
}

Deno.test("deliveryReport sums the reports of all nodes", async () => {
  const response = await request("/v1/notifications/%22id%22%20%2F%25", ({ ids: [id = ""] }) => [
    {
      node: "n1",
      value: [{ id, acceptedAt: AT, sent: 2, acked: 1, firstAckMs: 70, read: 1, firstReadAt: AT + 90 }],
    },
    { node: "n2", value: [null] },
    { node: "n4", value: [{ ...NOTHING, id, read: 2, firstReadAt: AT + 50 }] },
    {
      node: "n3",
      value: [{ id, acceptedAt: AT, sent: 1, acked: 1, firstAckMs: 30, read: 0, firstReadAt: null }],
    },
  ]);
  assertEquals([response.status, await response.json()], [200, {
    id: '"id" /%',
    accepted_at: "1804-07-11T07:00:00.000Z",
    sent: 3,
    acked: 2,
    first_ack_ms: 30,
    read: 3,
    first_read_ms: 50,
  }]);
});

Deno.test("deliveryReport has no first_ack_ms without an ack, and no first_read_ms without a mark", async () => {
  const response = await request("/v1/notifications/duel", ({ ids: [id = ""] }) => [
    { node: "n1", value: [{ ...NOTHING, id, acceptedAt: AT }] },
  ]);
  const { first_ack_ms, first_read_ms } = await response.json();
  assertEquals([first_ack_ms, first_read_ms], [null, null]);
});

Deno.test("deliveryReport answers 404 if no node knows the notification", async () => {
  const response = await request("/v1/notifications/duel", () => [
    { node: "n1", value: [null] },
    { node: "n2", value: [{ ...NOTHING, id: "duel", read: 1, firstReadAt: AT }] },
  ]);
  const { detail } = await assertProblem(response, "404 not-found");
  assertEquals(detail, "notification duel is unknown, or its report has expired");
});

Deno.test("deliveryReport answers 503 if a node could not answer", async () => {
  const response = await request("/v1/notifications/duel", () => [{ node: "n1", error: "why" }]);
  await assertProblem(response, "503 unavailable");
});

Deno.test("deliveryReport refuses an invalid id", async () => {
  for (const id of ["%ff", "%00", "i".repeat(129)]) {
    await assertProblem(await request(`/v1/notifications/${id}`), "400 bad-request");
  }
  await assertProblem(await request("/v1/notifications/"), "404 not-found");
});

Deno.test("deliveryReport requires a publisher key", async () => {
  await assertProblem(await createTestApp().app.request("/v1/notifications/duel"), "401 not-authorized");
});
