/** Reports, over real sockets: who was sent a notification, who acked it, and a publisher that waits for it. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { EventReader } from "./event_reader.ts";
import { OPCODE, RawSocket } from "./raw_socket.ts";
import { Running } from "./running.ts";
import { Tab } from "./tab.ts";

interface Report {
  readonly id: string;
  readonly accepted_at: string;
  readonly sent: number;
  readonly acked: number;
  readonly first_ack_ms: number | null;
}

interface Listed {
  readonly id: string;
  readonly transport: string;
  readonly connected_at: string;
  readonly node: string;
  readonly behind: boolean;
}

const HELLO = { target: "alexander", data: "Hello, Alexander Hamilton!" };

async function open(service: Running, count: number, target = "alexander"): Promise<Tab[]> {
  const tabs: Tab[] = [];
  for (let n = 0; n < count; n++) tabs.push((await Tab.open(service.port, { target })).tab);
  return tabs;
}

function ack(tab: Tab, ...ids: string[]): void {
  tab.send(JSON.stringify({ type: "ack", ids }));
}

/** Takes the next notification, and acks it. */
async function takeAndAck(tab: Tab): Promise<void> {
  ack(tab, (await tab.next()).id);
}

async function get<T>(service: Running, path: string): Promise<T> {
  const response = await fetch(service.url + path);
  assertEquals(response.status, 200, `${path}: ${response.status}`);
  return await response.json();
}

/** Asks for the report until it is as expected; a test that asks in vain runs into its time limit. */
async function reportOnce(service: Running, id: string, is: (report: Report) => boolean): Promise<Report> {
  for (;;) {
    const report: Report = await get(service, `/v1/notifications/${id}`);
    if (is(report)) return report;
    await turn();
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A request that waits, and whether it still does. */
class Waiting {
  readonly response: Promise<Response>;
  answered = false;

  constructor(service: Running, { body, seconds = 60 }: { body: unknown; seconds?: number }) {
    const headers = { prefer: `wait=${seconds}` };
    const request = { method: "POST", body: JSON.stringify(body), headers };
    this.response = fetch(`${service.url}/v1/notify`, request);
    this.response.then(() => this.answered = true, () => this.answered = true);
  }

  /** The answer, whose preference has to have been applied. */
  async answer<T>(): Promise<T> {
    const response = await this.response;
    const answer = await response.json();
    assertEquals(response.status, 200, JSON.stringify(answer));
    assertMatch(response.headers.get("preference-applied") ?? "", /^wait=\d+$/);
    return answer;
  }

  /** As sent and acked, without what a test cannot know. */
  async counts(): Promise<[number, number]> {
    const { sent, acked } = await this.answer<Report>();
    return [sent, acked];
  }
}

Deno.test("The service reports whom it sent a notification, and who acked it", async () => {
  await using service = await Running.started();
  const [laptop, tablet, desktop] = await open(service, 3);
  const [burr] = await open(service, 1, "burr");
  assert(laptop !== undefined && tablet !== undefined && desktop !== undefined && burr !== undefined);
  const { id } = await service.notify({ ...HELLO, id: "duel / ü" });
  const path = encodeURIComponent(String(id));
  for (const tab of [laptop, tablet]) {
    const { id } = await tab.next();
    ack(tab, id, "unknown");
    ack(tab, id); // again
  }
  ack(burr, String(id)); // was not sent it
  await desktop.close();
  const { accepted_at, first_ack_ms, ...counts } = await reportOnce(service, path, ({ acked }) => acked >= 2);
  assertEquals(counts, { id: "duel / ü", sent: 3, acked: 2 });
  assert(Math.abs(Date.parse(accepted_at) - Date.now()) < 60_000);
  assert(first_ack_ms !== null && first_ack_ms >= 0);
  const { tab: late } = await Tab.open(service.port, { target: "alexander", after: "00000000-00000000000" });
  await late.next();
  assertEquals((await reportOnce(service, path, ({ sent }) => sent > 3)).acked, 2, "a fourth, by a page");
});

Deno.test("The service knows no report of a notification that it never had", async () => {
  await using service = await Running.started();
  const response = await fetch(`${service.url}/v1/notifications/unknown`);
  assertEquals([response.status, (await response.json()).type], [404, "urn:tidings:problem:not-found"]);
});

Deno.test("The service begins its reports anew after a restart, with the old time of acceptance", async () => {
  const folder = await Deno.makeTempDir();
  const environment = { TIDINGS_JOURNAL: `sqlite:${folder}/journal.db` };
  const body = { ...HELLO, id: "duel" };
  let welcome = "", before = "";
  {
    await using service = await Running.started(environment);
    const { tab, welcome: { position } } = await Tab.open(service.port, { target: "alexander" });
    welcome = position;
    const { accepted_at } = await new Waiting(service, { body, seconds: 0 }).answer<Report>();
    before = accepted_at;
    ack(tab, (await tab.next()).id);
    await reportOnce(service, "duel", ({ acked }) => acked === 1);
  }
  await using service = await Running.started(environment);
  const unknown = await fetch(`${service.url}/v1/notifications/duel`);
  await unknown.body?.cancel();
  assertEquals(unknown.status, 404);
  const repeat = await new Waiting(service, { body }).response;
  await repeat.body?.cancel();
  assertEquals([repeat.status, repeat.headers.get("preference-applied")], [202, null], "nothing is known");
  const { tab } = await Tab.open(service.port, { target: "alexander", after: welcome });
  await tab.next();
  const report = await reportOnce(service, "duel", ({ sent }) => sent === 1);
  assertEquals(report, { id: "duel", accepted_at: before, sent: 1, acked: 0, first_ack_ms: null });
  const waiting = new Waiting(service, { body }); // once more: now there is a report
  ack(tab, "duel");
  assertEquals(await waiting.counts(), [1, 1]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("The service counts acks of a tab with Server-Sent Events, that posts them", async () => {
  await using service = await Running.started();
  await using tab = await EventReader.open(service.port, { target: "alexander" });
  const { connection } = await tab.welcome();
  const waiting = new Waiting(service, { body: HELLO });
  const [{ id } = { id: "" }] = await tab.messages() ?? [];
  const messages = [{ type: "ack", ids: [id] }];
  const request = { method: "POST", body: JSON.stringify({ connection, messages }) };
  await (await fetch(`${service.url}/v1/received?target=alexander`, request)).body?.cancel();
  assertEquals(await waiting.counts(), [1, 1]);
});

Deno.test("The service answers who waits when all have acked", async () => {
  await using service = await Running.started();
  const tabs = await open(service, 3);
  const waiting = new Waiting(service, { body: HELLO });
  for (const tab of tabs) {
    assert(!waiting.answered);
    await takeAndAck(tab);
  }
  const { id, accepted_at, first_ack_ms, ...counts } = await waiting.answer<Report>();
  assertEquals(counts, { sent: 3, acked: 3 });
  assert(first_ack_ms !== null && first_ack_ms >= 0);
  const later = await get<Report>(service, `/v1/notifications/${id}`);
  assertEquals(later, { id, accepted_at, first_ack_ms, ...counts });
});

Deno.test("The service answers who waits when two have acked and the third has gone away", async () => {
  await using service = await Running.started();
  const [laptop, tablet, desktop] = await open(service, 3);
  assert(laptop !== undefined && tablet !== undefined && desktop !== undefined);
  const waiting = new Waiting(service, { body: HELLO });
  await takeAndAck(laptop);
  await desktop.next();
  await desktop.close();
  await service.holds(2);
  await turn();
  assert(!waiting.answered);
  await takeAndAck(tablet);
  assertEquals(await waiting.counts(), [3, 2]);
});

Deno.test("The service answers who waits at once if nobody is there", async () => {
  await using service = await Running.started();
  await open(service, 1, "burr");
  assertEquals(await new Waiting(service, { body: HELLO }).counts(), [0, 0]);
  const targets = Array.from({ length: 1_000 }, (_, n) => `t${n}`);
  assertEquals(await new Waiting(service, { body: { targets, data: 1 } }).counts(), [0, 0]);
});

Deno.test("The service answers who waits when the time is over, and goes on counting", async () => {
  await using service = await Running.started();
  const [acks, never] = await open(service, 2);
  assert(acks !== undefined && never !== undefined);
  using time = new FakeTime();
  const waiting = new Waiting(service, { body: HELLO, seconds: 30 });
  await takeAndAck(acks);
  const { id } = await never.next();
  await reportOnce(service, id, ({ acked }) => acked === 1);
  for (let seconds = 0; seconds < 29; seconds++) {
    await turn();
    time.tick(1_000);
  }
  for (let turns = 0; turns < 20; turns++) await turn();
  assert(!waiting.answered, "29 seconds");
  while (!waiting.answered) {
    time.tick(1_000);
    await turn();
  }
  assertEquals(await waiting.counts(), [2, 1]);
  ack(never, id);
  await reportOnce(service, id, ({ acked }) => acked === 2);
});

Deno.test("The service answers who would wait no time at all with the report as it is", async () => {
  await using service = await Running.started();
  const [tab] = await open(service, 1);
  const { id, acked } = await new Waiting(service, { body: HELLO, seconds: 0 }).answer<Report>();
  assertEquals([id, acked], [(await tab?.next())?.id, 0]);
});

Deno.test("The service waits for the tabs of everyone", async () => {
  await using service = await Running.started();
  const tabs = [...await open(service, 2), ...await open(service, 2, "burr")];
  const waiting = new Waiting(service, { body: { everyone: true, data: 1 } });
  for (const tab of tabs) {
    assert(!waiting.answered);
    await takeAndAck(tab);
  }
  assertEquals(await waiting.counts(), [4, 4]);
});

Deno.test("The service waits for the tabs of 1,000 targets", async () => {
  await using service = await Running.started();
  const tabs = await Promise.all([7, 7, 500, 999].map((n) => open(service, 1, `t${n}`)));
  const targets = Array.from({ length: 1_000 }, (_, n) => `t${n}`);
  const waiting = new Waiting(service, { body: { targets, data: 1 } });
  for (const tab of tabs.flat()) {
    assert(!waiting.answered);
    await takeAndAck(tab);
  }
  assertEquals(await waiting.counts(), [4, 4]);
});

Deno.test("The service answers who waits for an array with the reports in its order", async () => {
  await using service = await Running.started();
  const [[alexander], [burr]] = [await open(service, 1), await open(service, 1, "burr")];
  assert(alexander !== undefined && burr !== undefined);
  const same = { target: "burr", data: 2, id: "same" };
  const body = [same, { ...HELLO, id: "hello" }, same, { everyone: true, data: 3, id: "all" }];
  const waiting = new Waiting(service, { body: [...body, { target: "nobody", data: 4, id: "none" }] });
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

Deno.test("The service waits on when a notification is repeated by a publisher that lost its answer", async () => {
  await using service = await Running.started();
  const [tab, gone] = await open(service, 2);
  assert(tab !== undefined && gone !== undefined);
  const body = { ...HELLO, id: "once" };
  await service.notify(body);
  await gone.next();
  await gone.close();
  await service.holds(1);
  const [first, second] = [new Waiting(service, { body }), new Waiting(service, { body })];
  await takeAndAck(tab);
  assertEquals([await first.counts(), await second.counts()], [[2, 1], [2, 1]]);
});

const PADDING = "x".repeat(60_000);

/** A tab that doesn't read, and has fallen behind so far that nothing more gets into its line. */
async function behind(service: Running): Promise<RawSocket> {
  const slow = await RawSocket.connect(service.port, "/v1/connect?target=alexander");
  for (let n = 0; n < 20; n++) await service.notify(Array(10).fill({ target: "alexander", data: PADDING }));
  return slow;
}

Deno.test("The service waits for a tab that is behind, until it has caught up and acked", async () => {
  await using service = await Running.started();
  using slow = await behind(service);
  const [fast] = await open(service, 1);
  assert(fast !== undefined);
  const waiting = new Waiting(service, { body: { ...HELLO, id: "hello" } });
  await takeAndAck(fast);
  await reportOnce(service, "hello", ({ acked }) => acked === 1);
  assertEquals((await reportOnce(service, "hello", () => true)).sent, 1);
  assert(!waiting.answered);
  for (let found = false; !found;) {
    found = (await slow.messages())?.some(({ id }) => id === "hello") ?? true;
  }
  await slow.send(OPCODE.text, '{"type":"ack","ids":["hello"]}');
  assertEquals(await waiting.counts(), [2, 2]);
});

Deno.test("The service waits no more for a tab that was behind, and has gone away", async () => {
  await using service = await Running.started();
  const slow = await behind(service);
  const waiting = new Waiting(service, { body: { ...HELLO, id: "hello" } });
  await new Waiting(service, { body: { target: "nobody", data: 1 } }).answer();
  assert(!waiting.answered);
  slow[Symbol.dispose]();
  assertEquals(await waiting.counts(), [0, 0]);
});

Deno.test("The service answers who waits at once when it begins to stop", async () => {
  await using service = await Running.started();
  using slow = await behind(service); // keeps the stop from ending
  const waiting = new Waiting(service, { body: HELLO });
  await new Waiting(service, { body: { target: "nobody", data: 1 } }).answer();
  assert(!waiting.answered);
  const stopping = service.stop();
  assertEquals(await waiting.counts(), [0, 0]);
  slow[Symbol.dispose](); // only now
  await stopping;
});

Deno.test("The service lists the connections of a target", async () => {
  await using service = await Running.started();
  const target = "a/b %41 ?#\\ é 🗽";
  const path = `/v1/targets/${encodeURIComponent(target)}`;
  assertEquals(await get(service, path), { target, connections: [] });
  const before = Date.now();
  const { tab, welcome } = await Tab.open(service.port, { target });
  await using events = await EventReader.open(service.port, { target });
  const { connection: other } = await events.welcome();
  const { connections } = await get<{ connections: Listed[] }>(service, path);
  assertEquals(connections.map(({ id, transport, behind }) => [id, transport, behind]), [
    [welcome.connection, "websocket", false],
    [other, "sse", false],
  ]);
  for (const { node, connected_at } of connections) {
    assertEquals(node, connections[0]?.node);
    assertMatch(node, /^[0-9a-f-]{36}$/);
    assert(Date.parse(connected_at) >= before - 1_000);
  }
  await tab.close();
  await service.holds(1);
  assertEquals((await get<{ connections: Listed[] }>(service, path)).connections.length, 1);
});

Deno.test("The service says which connections are behind", async () => {
  await using service = await Running.started();
  using _slow = await behind(service);
  await open(service, 1);
  const { connections } = await get<{ connections: Listed[] }>(service, "/v1/targets/alexander");
  assertEquals(connections.map(({ behind }) => behind), [true, false]);
});

async function disconnect(service: Running, target: string): Promise<unknown> {
  const path = `/v1/targets/${encodeURIComponent(target)}/connections`;
  const response = await fetch(service.url + path, { method: "DELETE" });
  assertEquals(response.status, 200);
  return await response.json();
}

Deno.test("The service closes the connections of a target with 4003, after all that was accepted before", async () => {
  await using service = await Running.started();
  const tabs = await open(service, 3);
  const [burr] = await open(service, 1, "burr");
  await using events = await EventReader.open(service.port, { target: "alexander" });
  await events.welcome();
  const numbers = Array.from({ length: 1_000 }, (_, n) => n);
  await service.notify(numbers.map((n) => ({ target: "alexander", data: n })));
  assertEquals(await disconnect(service, "alexander"), { closed: 4 });
  const { connections } = await get<{ connections: Listed[] }>(service, "/v1/targets/alexander");
  assertEquals(connections, [], "forgotten when it is answered");
  for (const tab of tabs) {
    assertEquals((await tab.closed).code, 4003);
    assertEquals(await tab.data(1_000), numbers);
  }
  assertEquals(await events.data(1_001), numbers);
  assertEquals(events.close?.code, 4003);
  assertEquals(await disconnect(service, "alexander"), { closed: 0 });
  await service.notify({ target: "burr", data: "still here" });
  assertEquals(await burr?.data(1), ["still here"]);
});

Deno.test("The service closes a connection that does not read at once", async () => {
  await using service = await Running.started();
  using slow = await behind(service);
  const waiting = new Waiting(service, { body: HELLO });
  assertEquals(await disconnect(service, "alexander"), { closed: 1 });
  await service.holds(0);
  assertEquals(await waiting.counts(), [0, 0]);
  assertEquals(await slow.closeCode(), 4003);
});

Deno.test("The service closes many connections of a target that comes back meanwhile", async () => {
  await using service = await Running.started();
  const tabs = await open(service, 50);
  const returning = Promise.all(Array.from({ length: 10 }, () => open(service, 1)));
  const [first, second] = [disconnect(service, "alexander"), disconnect(service, "alexander")];
  await Promise.all([first, second]);
  for (const tab of tabs) assertEquals((await tab.closed).code, 4003);
  await returning;
  await disconnect(service, "alexander");
  await service.holds(0);
});
