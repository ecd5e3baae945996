/** TabElection: tabs that share one connection. The tabs of these tests run in one process, with the locks of Deno. */

import { assertEquals } from "@std/assert";
import { connect, type ConnectOptions, type Tidings } from "../../src/client/client.ts";
import { CLOSE } from "../../src/wire/close_codes.ts";
import { TestService } from "../end_to_end/test_service.ts";
import { eventually } from "../eventually.ts";
import { FakeService } from "./fake_service.ts";
import { RecordedEvents } from "./recorded_events.ts";

const NOTIFICATION = { type: "notification", id: "a", position: "p1", at: "2026-01-01T00:00:00.000Z" };

interface Tab {
  readonly tidings: Tidings;
  readonly events: RecordedEvents;
}

function openTab(url: string, options: ConnectOptions = {}): Tab {
  const tidings = connect(url, { target: "alexander", share: true, ...options });
  return { tidings, events: new RecordedEvents(tidings) };
}

/** Opens tabs one after another, so that the first leads. */
async function openTabs(url: string, count: number, options: ConnectOptions = {}): Promise<Tab[]> {
  const tabs: Tab[] = [];
  while (tabs.length < count) {
    const tab = openTab(url, options);
    await tab.events.waitFor("open");
    tabs.push(tab);
  }
  return tabs;
}

async function closeTabs(tabs: readonly Tab[]): Promise<void> {
  await Promise.all(tabs.map(({ tidings }) => tidings.close()));
}

function got({ events }: Tab): string[] {
  return events.all.filter((one) => one.startsWith("got "));
}

Deno.test("TabElection gives several tabs one connection, and each receives everything once", async () => {
  await using service = await TestService.start();
  const tabs = await openTabs(service.url, 3);
  await service.waitForConnections(1);
  for (let n = 0; n < 20; n++) await service.notify({ target: "alexander", data: n });
  for (const { events } of tabs) await events.waitFor("got 19");
  for (const tab of tabs) {
    assertEquals(got(tab), Array.from({ length: 20 }, (_, n) => `got ${n}`));
    assertEquals(tab.tidings.status, tabs[0]?.tidings.status);
    assertEquals(tab.tidings.position, tabs[0]?.tidings.position);
  }
  await closeTabs(tabs);
});

Deno.test("TabElection lets another tab take over when the leader closes, with nothing lost or doubled", async () => {
  await using service = await TestService.start();
  const tabs = await openTabs(service.url, 4);
  let next = 0, isOver = false;
  const publishing = (async () => {
    while (!isOver) await service.notify({ target: "alexander", data: next++ });
  })();
  for (const [index, { tidings }] of tabs.slice(0, 3).entries()) {
    await tabs.at(-1)?.events.waitFor(`got ${next + 5}`);
    await tidings.close();
    assertEquals(tabs[index + 1]?.tidings.state === "closed", false);
  }
  await tabs.at(-1)?.events.waitFor(`got ${next + 5}`);
  isOver = true;
  await publishing;
  const last = tabs[3];
  await last?.events.waitFor(`got ${next - 1}`);
  assertEquals(last === undefined ? [] : got(last), Array.from({ length: next }, (_, n) => `got ${n}`));
  await service.waitForConnections(1);
  await closeTabs(tabs);
});

Deno.test("TabElection shares only between tabs of one target, also if the token names it", async () => {
  await using service = new FakeService(({ accept, token }) => accept({ target: token }));
  const token = (sub: string) => () => `e30.${btoa(JSON.stringify({ sub })).replace(/=+$/, "")}.x`;
  const tabs = ["alexander", "alexander", "burr"].map((sub) => {
    const tidings = connect(service.url, { token: token(sub), share: true });
    return { tidings, events: new RecordedEvents(tidings) };
  });
  for (const { events } of tabs) await events.waitFor("open");
  assertEquals(service.requests.length, 2);
  await closeTabs(tabs);
});

Deno.test("TabElection lets a late tab resume from the leader's position, even if it has received nothing", async () => {
  await using service = new FakeService(({ accept }) => accept({ position: "p9" }));
  const [first, second] = await openTabs(service.url, 2);
  assertEquals(second?.tidings.position, "p9");
  await first?.tidings.close();
  await second?.events.waitFor("open", 2);
  assertEquals(service.requests.map(({ after }) => after), [null, "p9"]);
  await second?.tidings.close();
});

Deno.test("TabElection passes acks and messages of a follower to the leader", async () => {
  await using service = await TestService.start();
  const [leader, follower] = await openTabs(service.url, 2, { ack: "manual" });
  await service.notify({ target: "alexander", id: "hello", data: 1 });
  await follower?.events.waitFor("got 1");
  follower?.tidings.ack("hello");
  const report = async () => await (await fetch(`${service.url}/v1/notifications/hello`)).json();
  await eventually(async () => (await report()).acked === 1, "the ack");
  assertEquals(follower?.tidings.send("thanks"), true);
  await closeTabs([leader, follower].filter((tab) => tab !== undefined));
});

Deno.test("TabElection passes missed events and the final error to all tabs", async () => {
  await using service = new FakeService(({ accept }) => accept());
  const tabs = await openTabs(service.url, 3);
  service.connection.send({ type: "missed" });
  for (const { events } of tabs) await events.waitFor("missed slow");
  service.connection.close(CLOSE.disconnected.code);
  for (const { events } of tabs) await events.waitFor("error final");
  for (const { events } of tabs) {
    assertEquals(events.all, ["open", "missed slow", "closed", "error final"]);
  }
  assertEquals(service.requests.length, 1, "no tab takes over");
  await closeTabs(tabs);
});

Deno.test("TabElection passes an interruption to all tabs", async () => {
  await using service = new FakeService(({ accept }) => accept());
  const tabs = await openTabs(service.url, 2);
  service.connection.close(CLOSE.restart.code);
  for (const { events } of tabs) await events.waitFor("waiting");
  dispatchEvent(new Event("online"));
  for (const { events } of tabs) {
    await events.waitFor("open", 2);
    assertEquals(events.all, ["open", "waiting", "connecting", "open"]);
  }
  await closeTabs(tabs);
});

Deno.test("TabElection has the leader check the connection when the user returns to another tab", async () => {
  await using service = new FakeService(({ accept }) => accept());
  const [leader] = await openTabs(service.url, 1);
  const channel = new BroadcastChannel(`tidings ${service.url} alexander`);
  const messages: unknown[] = [];
  channel.onmessage = ({ data }) => messages.push(data);
  dispatchEvent(new Event("visibilitychange"));
  await eventually(
    () => messages.some((message) => Object(message).hello),
    "a tab says that its user is back",
  );
  await eventually(() => service.frames.length === 1, "the leader's own ping");
  channel.postMessage({ hello: true });
  await eventually(() => service.frames.length === 2, "a ping for another tab");
  assertEquals(new Set(service.frames), new Set(['[{"type":"ping"}]']));
  channel.close();
  await leader?.tidings.close();
});

Deno.test("TabElection ignores what is no message of a tab, whoever sends it", async () => {
  await using service = new FakeService(({ accept }) => accept());
  const tabs = await openTabs(service.url, 2);
  const channel = new BroadcastChannel(`tidings ${service.url} alexander`);
  const status = { state: "open", reason: "", retryInMs: 0, transport: "websocket", target: "alexander" };
  for (
    const wrong of [
      ...[null, 5, "text", [], {}, { frame: 5 }, { frame: "no JSON" }, { frame: "[null]" }, { end: null }],
      ...[{ end: { reason: 5 } }, { status: null, position: null }, { status: {}, position: null }],
      ...[{ status: { ...status, connection: "c" }, position: 5 }, { status: { ...status, connection: 5 } }],
      ...[{ ack: 5 }, { ack: [5, {}] }, { message: 5 }, { message: "no JSON" }, { hello: null }],
    ]
  ) channel.postMessage(wrong);
  service.connection.send({ ...NOTIFICATION, data: "all is well" });
  for (const { events } of tabs) await events.waitFor("got all is well");
  for (const { tidings, events } of tabs) {
    assertEquals(events.all, ["open", "got all is well"]);
    assertEquals(tidings.status.connection, "c");
  }
  channel.close();
  await closeTabs(tabs);
});
