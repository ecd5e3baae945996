/** deliveryReport: how many connections a notification reached. cancelNotification: nobody is to receive it. */

import { assertEquals } from "@std/assert";
import type { AppDeps } from "../../../src/http/routes/app.ts";
import { UnavailableError } from "../../../src/journal/journal.ts";
import type { CancelOutcome, RecordStatus } from "../../../src/schedule/schedule.ts";
import { assertProblem } from "../assert_problem.ts";
import { createTestApp, PUBLISHER_KEY } from "../test_app.ts";
import { type StubbedAnswers, TestNodes } from "../test_nodes.ts";

const PUBLISHER = { headers: { authorization: `Bearer ${PUBLISHER_KEY}` } };
const AT = Date.UTC(1804, 6, 11, 7);
const NOTHING = {
  acceptedAt: null,
  sent: 0,
  acked: 0,
  firstAckMs: null,
  read: 0,
  firstReadAt: null,
  push: null,
};

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
      value: [{
        id,
        acceptedAt: AT,
        sent: 2,
        acked: 1,
        firstAckMs: 70,
        read: 1,
        firstReadAt: AT + 90,
        push: null,
      }],
    },
    { node: "n2", value: [null] },
    { node: "n4", value: [{ ...NOTHING, id, read: 2, firstReadAt: AT + 50 }] },
    {
      node: "n3",
      value: [{
        id,
        acceptedAt: AT,
        sent: 1,
        acked: 1,
        firstAckMs: 30,
        read: 0,
        firstReadAt: null,
        push: null,
      }],
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
    push: null,
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

/** A schedule that knows one notification, and answers every cancel alike. */
function scheduleWith(state: RecordStatus["state"], outcome: CancelOutcome = "unknown") {
  const status = { state, addedAt: AT, dueAt: AT + 60_000 };
  return {
    find: (key: string) => Promise.resolve(key === "notification duel" ? status : null),
    cancel: (key: string) => Promise.resolve(key === "notification duel" ? outcome : "unknown"),
  };
}

const NO_REPORT = new TestNodes({ reports: () => [{ node: "n1", value: [null] }] });

for (const state of ["waiting", "taken"] as const) {
  Deno.test(`deliveryReport says when a notification is to be sent that is scheduled and ${state}`, async () => {
    const { app } = createTestApp({ nodes: NO_REPORT, schedule: scheduleWith(state) });
    const response = await app.request("/v1/notifications/duel", PUBLISHER);
    assertEquals([response.status, await response.json()], [200, {
      id: "duel",
      accepted_at: "1804-07-11T07:00:00.000Z",
      sent: 0,
      acked: 0,
      first_ack_ms: null,
      read: 0,
      first_read_ms: null,
      push: null,
      scheduled_at: "1804-07-11T07:01:00.000Z",
    }]);
    await assertProblem(await app.request("/v1/notifications/other", PUBLISHER), "404 not-found");
  });
}

Deno.test("deliveryReport is that of any other notification when a scheduled one has been sent", async () => {
  const value = [{ ...NOTHING, id: "duel", acceptedAt: AT + 60_000, sent: 1 }];
  const nodes = new TestNodes({ reports: () => [{ node: "n1", value }] });
  const sent = createTestApp({ nodes, schedule: scheduleWith("done") });
  const report = await (await sent.app.request("/v1/notifications/duel", PUBLISHER)).json();
  assertEquals([report.sent, "scheduled_at" in report], [1, false]);
  const forgotten = createTestApp({ nodes: NO_REPORT, schedule: scheduleWith("done") });
  await assertProblem(await forgotten.app.request("/v1/notifications/duel", PUBLISHER), "404 not-found");
});

async function cancel(schedule: Partial<AppDeps["schedule"]>, id = "duel"): Promise<Response> {
  const { app } = createTestApp({ schedule: { ...scheduleWith("waiting"), ...schedule } });
  return await app.request(`/v1/notifications/${id}`, { ...PUBLISHER, method: "DELETE" });
}

Deno.test("cancelNotification answers 204 if it was in time, 409 if not, and 404 if there is no such notification", async () => {
  const response = await cancel(scheduleWith("waiting", "cancelled"));
  assertEquals([response.status, await response.text()], [204, ""]);
  await assertProblem(await cancel(scheduleWith("taken", "too late")), "409 already-sent");
  await assertProblem(await cancel(scheduleWith("waiting"), "other"), "404 not-found");
});

Deno.test("cancelNotification and deliveryReport answer 503 if the schedule cannot be reached", async () => {
  const gone = () => Promise.reject(new UnavailableError("why"));
  await assertProblem(await cancel({ cancel: gone }), "503 unavailable");
  const { app } = createTestApp({ nodes: NO_REPORT, schedule: { find: gone, cancel: gone } });
  await assertProblem(await app.request("/v1/notifications/duel", PUBLISHER), "503 unavailable");
});

Deno.test("cancelNotification refuses an invalid id, and requires a publisher key", async () => {
  for (const id of ["%ff", "%00", "i".repeat(129)]) {
    await assertProblem(await cancel({}, id), "400 bad-request");
  }
  const { app } = createTestApp();
  await assertProblem(
    await app.request("/v1/notifications/duel", { method: "DELETE" }),
    "401 not-authorized",
  );
});
