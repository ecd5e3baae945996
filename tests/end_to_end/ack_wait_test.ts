/** Tests of publishers that wait for acks with `Prefer: wait`, over real sockets. */

import { assert, assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { OPCODE } from "./raw_socket.ts";
import {
  ack,
  connectBehind,
  getJson,
  HELLO,
  openTabs,
  type Report,
  takeAndAck,
  turn,
  waitForReport,
  WaitingRequest,
} from "./reporting.ts";
import { TestService } from "./test_service.ts";

Deno.test("The service answers a waiting publisher when all connections have acked", async () => {
  await using service = await TestService.start();
  const tabs = await openTabs(service, 3);
  const waiting = new WaitingRequest(service, { body: HELLO });
  for (const tab of tabs) {
    assert(!waiting.isAnswered);
    await takeAndAck(tab);
  }
  const { id, accepted_at, first_ack_ms, ...counts } = await waiting.answer<Report>();
  assertEquals(counts, { sent: 3, acked: 3, read: 0, first_read_ms: null, push: null });
  assert(first_ack_ms !== null && first_ack_ms >= 0);
  const later = await getJson<Report>(service, `/v1/notifications/${id}`);
  assertEquals(later, { id, accepted_at, first_ack_ms, ...counts });
});

Deno.test("The service answers a waiting publisher when two have acked and the third has disconnected", async () => {
  await using service = await TestService.start();
  const [laptop, tablet, desktop] = await openTabs(service, 3);
  assert(laptop !== undefined && tablet !== undefined && desktop !== undefined);
  const waiting = new WaitingRequest(service, { body: HELLO });
  await takeAndAck(laptop);
  await desktop.next();
  await desktop.close();
  await service.waitForConnections(2);
  await turn();
  assert(!waiting.isAnswered);
  await takeAndAck(tablet);
  assertEquals(await waiting.counts(), [3, 2]);
});

Deno.test("The service answers a waiting publisher at once if the target has no connections", async () => {
  await using service = await TestService.start();
  await openTabs(service, 1, "burr");
  assertEquals(await new WaitingRequest(service, { body: HELLO }).counts(), [0, 0]);
  const targets = Array.from({ length: 1_000 }, (_, n) => `t${n}`);
  assertEquals(await new WaitingRequest(service, { body: { targets, data: 1 } }).counts(), [0, 0]);
});

Deno.test("The service answers a waiting publisher when its time is over, and continues to count", async () => {
  await using service = await TestService.start();
  const [acking, silent] = await openTabs(service, 2);
  assert(acking !== undefined && silent !== undefined);
  using time = new FakeTime();
  const waiting = new WaitingRequest(service, { body: HELLO, seconds: 30 });
  await takeAndAck(acking);
  const { id } = await silent.next();
  await waitForReport(service, id, ({ acked }) => acked === 1);
  for (let seconds = 0; seconds < 29; seconds++) {
    await turn();
    time.tick(1_000);
  }
  for (let turns = 0; turns < 20; turns++) await turn();
  assert(!waiting.isAnswered, "29 seconds");
  while (!waiting.isAnswered) {
    time.tick(1_000);
    await turn();
  }
  assertEquals(await waiting.counts(), [2, 1]);
  ack(silent, id);
  await waitForReport(service, id, ({ acked }) => acked === 2);
});

Deno.test("The service answers a wait of 0 seconds at once with the current report", async () => {
  await using service = await TestService.start();
  const [tab] = await openTabs(service, 1);
  const { id, acked } = await new WaitingRequest(service, { body: HELLO, seconds: 0 }).answer<Report>();
  assertEquals([id, acked], [(await tab?.next())?.id, 0]);
});

Deno.test("The service waits for the tabs of everyone", async () => {
  await using service = await TestService.start();
  const tabs = [...await openTabs(service, 2), ...await openTabs(service, 2, "burr")];
  const waiting = new WaitingRequest(service, { body: { everyone: true, data: 1 } });
  for (const tab of tabs) {
    assert(!waiting.isAnswered);
    await takeAndAck(tab);
  }
  assertEquals(await waiting.counts(), [4, 4]);
});

Deno.test("The service waits for the tabs of 1,000 targets", async () => {
  await using service = await TestService.start();
  const tabs = await Promise.all([7, 7, 500, 999].map((n) => openTabs(service, 1, `t${n}`)));
  const targets = Array.from({ length: 1_000 }, (_, n) => `t${n}`);
  const waiting = new WaitingRequest(service, { body: { targets, data: 1 } });
  for (const tab of tabs.flat()) {
    assert(!waiting.isAnswered);
    await takeAndAck(tab);
  }
  assertEquals(await waiting.counts(), [4, 4]);
});

Deno.test("The service answers a publisher that waits for an array with the reports in the order of the array", async () => {
  await using service = await TestService.start();
  const [[alexander], [burr]] = [await openTabs(service, 1), await openTabs(service, 1, "burr")];
  assert(alexander !== undefined && burr !== undefined);
  const same = { target: "burr", data: 2, id: "same" };
  const body = [same, { ...HELLO, id: "hello" }, same, { everyone: true, data: 3, id: "all" }];
  const waiting = new WaitingRequest(service, { body: [...body, { target: "nobody", data: 4, id: "none" }] });
  for (const tab of [alexander, burr]) for (let n = 0; n < 2; n++) await takeAndAck(tab);
  const { reports } = await waiting.answer<{ reports: Report[] }>();
  assertEquals(reports.map(({ id, sent, acked }) => [id, sent, acked]), [
    ["same", 1, 1],
    ["hello", 1, 1],
    ["same", 1, 1],
    ["all", 2, 2],
    ["none", 0, 0],
  ]);
});

Deno.test("The service waits again when a publisher repeats a notification whose answer it lost", async () => {
  await using service = await TestService.start();
  const [tab, gone] = await openTabs(service, 2);
  assert(tab !== undefined && gone !== undefined);
  const body = { ...HELLO, id: "once" };
  await service.notify(body);
  await gone.next();
  await gone.close();
  await service.waitForConnections(1);
  const [first, second] = [new WaitingRequest(service, { body }), new WaitingRequest(service, { body })];
  await takeAndAck(tab);
  assertEquals([await first.counts(), await second.counts()], [[2, 1], [2, 1]]);
});

Deno.test("The service waits until a tab that is behind has caught up and acked", async () => {
  await using service = await TestService.start();
  using slow = await connectBehind(service);
  const [fast] = await openTabs(service, 1);
  assert(fast !== undefined);
  const waiting = new WaitingRequest(service, { body: { ...HELLO, id: "hello" } });
  await takeAndAck(fast);
  await waitForReport(service, "hello", ({ acked }) => acked === 1);
  assertEquals((await waitForReport(service, "hello", () => true)).sent, 1);
  assert(!waiting.isAnswered);
  for (let isFound = false; !isFound;) {
    isFound = (await slow.messages())?.some(({ id }) => id === "hello") ?? true;
  }
  await slow.send(OPCODE.text, '{"type":"ack","ids":["hello"]}');
  assertEquals(await waiting.counts(), [2, 2]);
});

Deno.test("The service stops waiting for a tab that was behind when it disconnects", async () => {
  await using service = await TestService.start();
  const slow = await connectBehind(service);
  const waiting = new WaitingRequest(service, { body: { ...HELLO, id: "hello" } });
  await new WaitingRequest(service, { body: { target: "nobody", data: 1 } }).answer();
  assert(!waiting.isAnswered);
  slow[Symbol.dispose]();
  assertEquals(await waiting.counts(), [0, 0]);
});

Deno.test("The service answers waiting publishers as soon as it begins to stop", async () => {
  await using service = await TestService.start();
  using slow = await connectBehind(service); // delays the stop
  const waiting = new WaitingRequest(service, { body: HELLO });
  await new WaitingRequest(service, { body: { target: "nobody", data: 1 } }).answer();
  assert(!waiting.isAnswered);
  const stopping = service.stop();
  assertEquals(await waiting.counts(), [0, 0]);
  slow[Symbol.dispose](); // only now can the service stop
  await stopping;
});
