/** Pushes, from the publisher to the push service: tabs come first, and devices get what nobody has acked or read. */

import { assert, assertEquals } from "@std/assert";
import { eventually } from "../eventually.ts";
import { PushDevices } from "./push_devices.ts";
import { Tab } from "./tab.ts";
import { TestService } from "./test_service.ts";

const START = Date.UTC(2026, 6, 4, 9);
const LIMITS = { dueCheckMs: 2, retryMs: 2 };
const PUSH = { after: 10 };

interface Fixture {
  readonly service: TestService;
  readonly devices: PushDevices;
  readonly clock: { now: number };
  /** Resolves when these pushes have arrived, and one that was due after them. Fails if there were others. */
  assertPushed(...ids: readonly string[]): Promise<void>;
}

/** Registers a test with a service in development mode, whose clock moves only when the test moves it. */
function test(name: string, run: (fixture: Fixture) => Promise<void>): void {
  Deno.test(name, async () => {
    const clock = { now: START };
    await using service = await TestService.start({}, { limits: LIMITS, now: () => clock.now });
    await using devices = new PushDevices();
    await devices.subscribe(service.url, { target: "last" });
    let last = 0;
    const assertPushed = async (...ids: readonly string[]) => {
      const id = `last-${++last}`;
      await service.notify({ target: "last", data: 1, id, push: { after: 0 } });
      const others = () => devices.ids.filter((id) => !id.startsWith("last-"));
      await eventually(() => devices.ids.includes(id) && others().length >= ids.length, "the last push");
      assertEquals(others().toSorted(), ids.toSorted());
    };
    await run({ service, devices, clock, assertPushed });
  });
}

async function pushReport(service: TestService, id: string): Promise<unknown> {
  return (await (await fetch(`${service.url}/v1/notifications/${id}`)).json()).push;
}

test("The service pushes what no tab has acked in time, once to each device, and reports it", async (fixture) => {
  const { service, devices, clock, assertPushed } = fixture;
  await devices.subscribe(service.url);
  await devices.subscribe(service.url);
  const data = { title: "Duel", body: "At dawn", navigate: "/duels/1" };
  await service.notify({
    target: "alexander",
    data,
    id: "duel",
    ttl: 60,
    topic: "t",
    urgency: "high",
    push: PUSH,
  });
  const due_at = new Date(START + 10_000).toISOString();
  assertEquals(await pushReport(service, "duel"), { due_at, sent: 0, failed: 0, gone: 0 });
  clock.now += 9_999;
  await assertPushed();
  clock.now += 1;
  await assertPushed("duel", "duel");
  const [push] = devices.service.pushes.peek().filter(({ payload }) => payload.includes("duel"));
  assert(push !== undefined);
  const { notification, web_push } = JSON.parse(push.payload);
  assertEquals([web_push, notification.title, notification.body], [8030, "Duel", "At dawn"]);
  assertEquals(["ttl", "topic", "urgency"].map((name) => push.headers.get(name)), ["50", "t", "high"]);
  await eventually(async () => {
    const report = await pushReport(service, "duel");
    return JSON.stringify(report) === JSON.stringify({ due_at, sent: 2, failed: 0, gone: 0 });
  });
  clock.now += 100_000;
  await assertPushed("duel", "duel");
});

test("The service pushes nothing that a tab of the target has acked, however many tabs have not", async (fixture) => {
  const { service, devices, clock, assertPushed } = fixture;
  await devices.subscribe(service.url);
  const tabs = await Promise.all([1, 2, 3].map(() => Tab.open(service.port, { target: "alexander" })));
  await service.notify([1, 2].map((n) => ({ target: "alexander", data: n, id: `${n}`, push: PUSH })));
  for (const { tab } of tabs) await tab.data(2);
  tabs[1]?.tab.send('{"type":"ack","ids":["1"]}');
  await eventually(async () => {
    const report = await (await fetch(`${service.url}/v1/notifications/1`)).json();
    return report.acked === 1;
  });
  clock.now += 10_000;
  await assertPushed("2");
  for (const { tab } of tabs) await tab.close();
});

test("The service pushes nothing that the target has read, by a tab or a publisher", async (fixture) => {
  const { service, devices, clock, assertPushed } = fixture;
  await devices.subscribe(service.url);
  const { tab } = await Tab.open(service.port, { target: "alexander" });
  await service.notify([1, 2, 3].map((n) => ({ target: "alexander", data: n, id: `${n}`, push: PUSH })));
  const [first, second] = [await tab.next(), await tab.next()];
  tab.send(JSON.stringify({ type: "read", positions: [second.position], ref: "r" }));
  while ((await tab.next()).type !== "marked");
  const response = await fetch(`${service.url}/v1/targets/alexander/read`, {
    method: "POST",
    body: JSON.stringify({ through: first.position }),
  });
  assertEquals(response.status, 200, await response.text());
  clock.now += 10_000;
  await assertPushed("3");
  await tab.close();
});

test("The service pushes what is unread when only another target has acked the same notification", async (fixture) => {
  const { service, devices, clock, assertPushed } = fixture;
  await devices.subscribe(service.url, { target: "alexander" });
  await devices.subscribe(service.url, { target: "burr" });
  const { tab } = await Tab.open(service.port, { target: "burr" });
  await service.notify({ targets: ["alexander", "burr"], data: 1, id: "1", push: PUSH });
  await tab.next();
  tab.send('{"type":"ack","ids":["1"]}');
  await eventually(async () => (await (await fetch(`${service.url}/v1/notifications/1`)).json()).acked === 1);
  clock.now += 10_000;
  await assertPushed("1");
  await tab.close();
});

test("The service pushes what was scheduled, counted from when it was due", async (fixture) => {
  const { service, devices, clock, assertPushed } = fixture;
  await devices.subscribe(service.url);
  const at = new Date(START + 3_600_000).toISOString();
  await service.notify({ target: "alexander", data: 1, id: "1", at, push: PUSH });
  clock.now = START + 3_600_000 - 1;
  await assertPushed();
  clock.now += 1;
  await eventually(async () =>
    !("scheduled_at" in await (await fetch(`${service.url}/v1/notifications/1`)).json())
  );
  clock.now += 9_999;
  await assertPushed();
  clock.now += 1;
  await assertPushed("1");
});

test("The service pushes under the fresh id what was scheduled under an id that means something else by then", async (fixture) => {
  const { service, devices, clock, assertPushed } = fixture;
  await devices.subscribe(service.url);
  const at = new Date(START + 60_000).toISOString();
  await service.notify({ target: "alexander", data: "later", id: "1", at, push: PUSH });
  await service.notify({ target: "alexander", data: "now", id: "1", push: PUSH });
  clock.now += 10_000;
  await assertPushed("1");
  clock.now = START + 60_000;
  await eventually(async () => {
    const { notifications } = await (await fetch(`${service.url}/v1/targets/alexander/notifications`)).json();
    return notifications.length === 2;
  });
  clock.now += 10_000;
  const { notifications } = await (await fetch(`${service.url}/v1/targets/alexander/notifications`)).json();
  await assertPushed(...notifications.map(({ id }: { id: string }) => id));
});

test("The service pushes nothing that was replaced, retracted or has ended", async (fixture) => {
  const { service, devices, clock, assertPushed } = fixture;
  await devices.subscribe(service.url);
  const post = (id: string, more: object) => service.notify({ target: "alexander", data: 1, id, ...more });
  await post("old", { topic: "a", push: PUSH });
  await post("new", { topic: "a" });
  await post("retracted", { topic: "b", push: PUSH });
  await post("retraction", { topic: "b", ttl: 0 });
  await post("brief", { ttl: 11, push: PUSH });
  clock.now += 60_000;
  await assertPushed();
});

test("The service pushes to the user to whom a browser belongs now", async (fixture) => {
  const { service, devices, clock, assertPushed } = fixture;
  const device = await devices.subscribe(service.url);
  await service.notify({ target: "alexander", data: 1, id: "1", push: PUSH });
  await service.notify({ target: "burr", data: 2, id: "2", push: PUSH });
  await devices.register(service.url, device, "burr");
  clock.now += 10_000;
  await assertPushed("2");
});

test("The service forgets a device that is gone, and tries another again until it gets through", async (fixture) => {
  const { service, devices, clock, assertPushed } = fixture;
  await devices.subscribe(service.url, { answers: [410] });
  const busy = () => new Response(null, { status: 429, headers: { "retry-after": "30" } });
  await devices.subscribe(service.url, { answers: [500, busy, 201] });
  await service.notify({ target: "alexander", data: 1, id: "1", push: PUSH });
  clock.now += 10_000;
  await eventually(() => devices.ids.filter((id) => id === "1").length === 2);
  const arrived = async (count: number, ms: number) => {
    await eventually(() => {
      clock.now += ms;
      return devices.ids.filter((id) => id === "1").length === count;
    });
  };
  await arrived(3, 100);
  await arrived(4, 100);
  const due_at = new Date(START + 10_000).toISOString();
  await eventually(async () =>
    JSON.stringify(await pushReport(service, "1")) === JSON.stringify({ due_at, sent: 1, failed: 0, gone: 1 })
  );
  await service.notify({ target: "alexander", data: 1, id: "2", push: { after: 0 } });
  await assertPushed("1", "1", "1", "1", "2");
});

test("The service pushes at most once what is acked at the very moment it is due", async (fixture) => {
  const { service, devices, clock, assertPushed } = fixture;
  await devices.subscribe(service.url);
  const { tab } = await Tab.open(service.port, { target: "alexander" });
  for (let n = 0; n < 40; n++) {
    const id = `${n}`;
    await service.notify({ target: "alexander", data: n, id, push: PUSH });
    await tab.next();
    clock.now += 9_999;
    const ack = () => tab.send(JSON.stringify({ type: "ack", ids: [id] }));
    if (n % 2 === 0) ack();
    clock.now += 1;
    for (let turn = 0; turn < n % 7; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
    if (n % 2 === 1) ack();
    await eventually(async () =>
      (await (await fetch(`${service.url}/v1/notifications/${id}`)).json()).acked === 1
    );
  }
  clock.now += 100_000;
  await service.notify({ target: "alexander", data: 1, id: "end", push: { after: 0 } });
  await eventually(() => devices.ids.includes("end"));
  const { ids } = devices;
  assertEquals(ids.length, new Set(ids).size);
  await assertPushed(...ids);
  await tab.close();
});

test("The service refuses pushes that make no sense, and accepts nothing of the request", async ({ service }) => {
  const refused = [
    { everyone: true, push: true },
    { target: "alexander", ttl: 5, push: true },
    { target: "alexander", push: { after: 86_400 } }, // as long as the retention, or longer
    { target: "alexander", push: { after: "10" } },
  ];
  for (const one of refused) {
    const body = JSON.stringify([{ target: "burr", data: 1 }, { data: 1, ...one }]);
    const response = await fetch(`${service.url}/v1/notify`, { method: "POST", body });
    const problem = await response.json();
    assertEquals([response.status, problem.type.split(":").at(-1)], [422, "does-not-fit"], body);
    assert(problem.errors[0].path.startsWith("1"), JSON.stringify(problem));
  }
  const { notifications } = await (await fetch(`${service.url}/v1/targets/burr/notifications`)).json();
  assertEquals(notifications, []);
});
