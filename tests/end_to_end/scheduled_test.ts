/** Scheduled notifications, from the publisher to the tab: nobody sees one before it is due, and then it flows. */

import { assert, assertEquals } from "@std/assert";
import { eventually } from "../eventually.ts";
import { ReturningTab } from "./returning_tab.ts";
import { Tab } from "./tab.ts";
import { TestService } from "./test_service.ts";

const START = Date.UTC(2026, 6, 4, 9);
const HOUR_MS = 3_600_000, DAY_MS = 24 * HOUR_MS;
const LIMITS = { dueCheckMs: 5 };

/** A service whose clock moves only when a test moves it. */
async function start(
  { clock = { now: START }, limits = {}, ...environment }: {
    clock?: { now: number };
    limits?: Record<string, number>;
    [variable: `TIDINGS_${string}`]: string;
  } = {},
): Promise<{ service: TestService; clock: { now: number } }> {
  const options = { limits: { ...LIMITS, ...limits }, now: () => clock.now };
  return { service: await TestService.start(environment as Record<string, string>, options), clock };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

async function report(service: TestService, id: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${service.url}/v1/notifications/${id}`);
  return { status: response.status, ...await response.json() };
}

/** Resolves when a notification is not scheduled any more. A cancel would be too early, and win. */
async function isSent(service: TestService, id: string): Promise<void> {
  await eventually(async () => !("scheduled_at" in await report(service, id)), `${id} is sent`);
}

async function cancel(service: TestService, id: string): Promise<string> {
  const response = await fetch(`${service.url}/v1/notifications/${id}`, { method: "DELETE" });
  const text = await response.text();
  return text === "" ? `${response.status}` : `${response.status} ${JSON.parse(text).type.split(":").at(-1)}`;
}

Deno.test("The service sends a scheduled notification when it is due, and counts its ttl from then", async () => {
  const { service, clock } = await start();
  await using _ = service;
  const { tab } = await Tab.open(service.port, { target: "alexander" });
  const body = { target: "alexander", data: "duel", id: "duel", ttl: 60, at: "2026-07-04T11:00:00+01:00" };
  const answer = await service.notify(body);
  assertEquals(answer, { id: "duel", position: null, expires: iso(START + HOUR_MS + 60_000) });
  assertEquals(await report(service, "duel"), {
    ...{
      status: 200,
      id: "duel",
      accepted_at: iso(START),
      sent: 0,
      acked: 0,
      first_ack_ms: null,
      read: 0,
      first_read_ms: null,
      push: null,
    },
    scheduled_at: iso(START + HOUR_MS),
  });
  clock.now += HOUR_MS - 1;
  await service.notify({ target: "alexander", data: "now" });
  assertEquals(await tab.data(1), ["now"]);
  const listed = await (await fetch(`${service.url}/v1/targets/alexander/notifications`)).json();
  assertEquals(listed.notifications.map(({ data }: { data: unknown }) => data), ["now"]);
  clock.now += 1;
  const message = await tab.next();
  assertEquals([message.id, message.data, "at" in message && message.at], ["duel", "duel", iso(clock.now)]);
  await isSent(service, "duel");
  assertEquals(await report(service, "duel"), {
    ...{
      status: 200,
      id: "duel",
      accepted_at: iso(clock.now),
      sent: 1,
      acked: 0,
      first_ack_ms: null,
      read: 0,
      first_read_ms: null,
      push: null,
    },
  });
  clock.now += 60_000;
  const late = new ReturningTab("alexander", "00000000-00000000000");
  await late.connect(service.port);
  await late.waitFor("now");
  assertEquals(late.received.map(({ data }) => data), ["now"]);
  await late.disconnect();
  await tab.close();
});

Deno.test("The service schedules in arrays, for several targets and for everyone, with Idempotency-Key", async () => {
  const { service, clock } = await start();
  await using _ = service;
  const { tab } = await Tab.open(service.port, { target: "burr" });
  const array = [
    { targets: ["alexander", "burr"], data: 1, at: iso(START + 2_000) },
    { target: "burr", data: 2 },
    { everyone: true, data: 3, at: iso(START + 1_000) },
  ];
  const post = () => service.notify(array, { "idempotency-key": '"key"', prefer: "wait=5" });
  const first = await post();
  const of = (answer: Record<string, unknown>) =>
    Array.isArray(answer.notifications)
      ? answer.notifications.map(({ id, target, position }) => [id, target, position === null])
      : [];
  assertEquals(of(first), [
    ["key.0", "alexander", true],
    ["key.0", "burr", true],
    ["key.1", "burr", false],
    ["key.2", null, true],
  ]);
  assertEquals(await post(), first);
  clock.now += 10_000;
  assertEquals(await tab.data(3), [2, 3, 1]);
  assertEquals(await post(), first);
  await service.notify({ target: "burr", data: "end" });
  assertEquals(await tab.data(1), ["end"]);
  await tab.close();
});

Deno.test("The service sends at once what was to be sent in the past, and once", async () => {
  const { service } = await start();
  await using _ = service;
  const { tab } = await Tab.open(service.port, { target: "alexander" });
  const body = { target: "alexander", data: "late", id: "late", at: "1804-07-11T07:00:00Z" };
  const answer = await service.notify(body);
  assertEquals([answer.position, answer.expires], [null, iso(START + HOUR_MS)]);
  assertEquals(await tab.data(1), ["late"]);
  assertEquals(await service.notify(body), answer);
  await service.notify({ target: "alexander", data: "end" });
  assertEquals(await tab.data(1), ["end"]);
  await tab.close();
});

Deno.test("The service refuses a time without zone or too far ahead, names it, and accepts nothing of the request", async () => {
  const { service, clock } = await start();
  await using _ = service;
  const valid = { target: "alexander", data: "valid", at: iso(START + 1) };
  for (
    const at of ["2026-07-05T09:00:00", iso(START + 30 * DAY_MS + 1), iso(START + 365 * DAY_MS), 5, null]
  ) {
    const body = JSON.stringify([valid, { target: "alexander", data: "also" }, { target: "a", data: 1, at }]);
    const response = await fetch(`${service.url}/v1/notify`, { method: "POST", body });
    const { type, errors } = await response.json();
    assertEquals([response.status, type, errors[0].path], [422, "urn:tidings:problem:does-not-fit", "2.at"]);
  }
  const tab = new ReturningTab("alexander", "00000000-00000000000");
  await tab.connect(service.port);
  clock.now += 1_000;
  await service.notify({ target: "alexander", data: "end", at: iso(clock.now) });
  await tab.waitFor("end");
  assertEquals(tab.received.map(({ data }) => data), ["end"]);
  await tab.disconnect();
});

Deno.test("The service cancels a notification that is not due, whose id is then free", async () => {
  const { service, clock } = await start();
  await using _ = service;
  const { tab } = await Tab.open(service.port, { target: "alexander" });
  const body = { target: "alexander", data: "first", id: "duel", at: iso(START + 1_000) };
  await service.notify(body);
  assertEquals(await cancel(service, "other"), "404 not-found");
  assertEquals(await cancel(service, "duel"), "204");
  assertEquals(await cancel(service, "duel"), "404 not-found");
  assertEquals((await report(service, "duel")).status, 404);
  await service.notify({ ...body, data: "second" });
  clock.now += 1_000;
  assertEquals(await tab.data(1), ["second"]);
  await eventually(async () => (await report(service, "duel")).sent === 1);
  assertEquals(await cancel(service, "duel"), "409 already-sent");
  await tab.close();
});

Deno.test("The service knows the id of a scheduled notification until a day after it was due", async () => {
  const { service, clock } = await start({ TIDINGS_RETENTION_SECONDS: "60" });
  await using _ = service;
  const body = { target: "alexander", data: 1, id: "duel", at: iso(START + HOUR_MS) };
  const first = await service.notify(body);
  async function refused(): Promise<void> {
    const response = await fetch(`${service.url}/v1/notify`, {
      method: "POST",
      body: JSON.stringify({ ...body, data: 2 }),
    });
    const { type } = await response.json();
    assertEquals([response.status, type], [422, "urn:tidings:problem:id-conflict"]);
  }
  await refused();
  clock.now = START + HOUR_MS;
  await isSent(service, "duel");
  clock.now = START + HOUR_MS + DAY_MS - 1; // the journal has forgotten it by now
  assertEquals(await service.notify(body), first);
  await refused();
  clock.now += 1;
  await eventually(async () => await cancel(service, "duel") === "404 not-found");
  await service.notify({ ...body, data: 2, at: iso(clock.now + HOUR_MS) });
});

Deno.test("The service sends what is due under a fresh id, if its own means something else by now", async () => {
  const { service, clock } = await start();
  await using _ = service;
  const { tab } = await Tab.open(service.port, { target: "alexander" });
  const body = { target: "alexander", data: "scheduled", id: "duel" };
  await service.notify({ ...body, at: iso(START + 1_000) });
  await service.notify({ ...body, data: "other" });
  assertEquals(await tab.data(1), ["other"]);
  clock.now += 1_000;
  const { id, data } = await tab.next();
  assertEquals(data, "scheduled");
  assert(id !== "duel");
  await tab.close();
});

Deno.test("The service does no harm to what is scheduled when its clock jumps", async () => {
  const { service, clock } = await start();
  await using _ = service;
  const { tab } = await Tab.open(service.port, { target: "alexander" });
  await service.notify({ target: "alexander", data: "soon", at: iso(START + 1_000) });
  await service.notify({ target: "alexander", data: "later", at: iso(START + 10 * DAY_MS) });
  clock.now = START - DAY_MS;
  await service.notify({ target: "alexander", data: "backwards" });
  assertEquals(await tab.data(1), ["backwards"]);
  clock.now = START + 20 * DAY_MS;
  assertEquals(await tab.data(2), ["soon", "later"]);
  clock.now = START;
  await service.notify({ target: "alexander", data: "end" });
  assertEquals(await tab.data(1), ["end"]);
  await tab.close();
});

Deno.test("The service sends to live tabs what is due, also if it retains nothing", async () => {
  const { service, clock } = await start({ TIDINGS_RETENTION_SECONDS: "0" });
  await using _ = service;
  const { tab } = await Tab.open(service.port, { target: "alexander" });
  const { expires } = await service.notify({ target: "alexander", data: "due", at: iso(START + 1_000) });
  assertEquals(expires, iso(START + 1_000));
  clock.now += 1_000;
  assertEquals(await tab.data(1), ["due"]);
  await tab.close();
});

Deno.test("The service works off what is due at once, in order, although its queue has room for little of it", async () => {
  const count = 5_000;
  const { service, clock } = await start({
    limits: { notifications: 300 },
    TIDINGS_RETENTION_PER_TARGET: "1000000",
  });
  await using _ = service;
  const { tab } = await Tab.open(service.port, { target: "alexander" });
  const all = Array.from(
    { length: count },
    (_, n) => ({ target: "alexander", data: n, at: iso(START + 1 + n) }),
  );
  while (all.length > 0) await service.notify(all.splice(-150));
  clock.now += count;
  assertEquals(await tab.data(count), Array.from({ length: count }, (_, n) => n));
  await tab.close();
});

Deno.test("The service answers 503 when too much is scheduled, and still sends what is due at once", async () => {
  const { service } = await start({ TIDINGS_RETENTION_BYTES: `${1024 * 1024}` });
  await using _ = service;
  const data = "x".repeat(60_000), at = iso(START + 1_000);
  const post = (members: Record<string, unknown>) =>
    fetch(`${service.url}/v1/notify`, {
      method: "POST",
      body: JSON.stringify({ target: "alexander", data, at, ...members }),
    });
  for (let n = 0; n < 2; n++) assertEquals((await (await post({ id: `${n}` })).json()).id, `${n}`);
  const refused = await post({ id: "2" });
  assertEquals([refused.status, refused.headers.get("retry-after")], [503, "1"]);
  await refused.body?.cancel();
  const { status, body } = await post({ at: undefined });
  await body?.cancel();
  assertEquals(status, 202);
  assertEquals((await report(service, "1")).status, 200);
  assertEquals((await report(service, "2")).status, 404);
});

Deno.test("The service sends after a restart what was due while it was down", async () => {
  const folder = await Deno.makeTempDir();
  const clock = { now: START }, environment = { TIDINGS_JOURNAL: `sqlite:${folder}/j.db` } as const;
  {
    const { service } = await start({ clock, ...environment });
    await service.notify({ target: "alexander", data: "due", id: "due", at: iso(START + 1_000) });
    await service.notify({ target: "alexander", data: "later", id: "later", at: iso(START + 2 * DAY_MS) });
    await service.stop();
  }
  clock.now += DAY_MS;
  const { service } = await start({ clock, ...environment });
  await isSent(service, "due");
  const tab = new ReturningTab("alexander", "00000000-00000000000");
  await tab.connect(service.port);
  await tab.waitFor("due");
  assertEquals((await report(service, "later")).scheduled_at, iso(START + 2 * DAY_MS));
  await tab.disconnect();
  await service.stop();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("The service sends what is scheduled with pushes, although it has filled the room that these need", async () => {
  const { service, clock } = await start({ TIDINGS_RETENTION_BYTES: `${1024 * 1024}` });
  await using _ = service;
  const push = { after: 3_000 }, at = iso(START + HOUR_MS), ids: string[] = [];
  for (let isFull = false; !isFull;) {
    const id = `${ids.length}`, body = JSON.stringify({ target: "alexander", data: 1, id, at, push });
    const response = await fetch(`${service.url}/v1/notify`, { method: "POST", body });
    await response.body?.cancel();
    isFull = response.status === 503;
    if (!isFull) ids.push(id);
  }
  clock.now += HOUR_MS;
  for (const id of ids) await isSent(service, id);
});
