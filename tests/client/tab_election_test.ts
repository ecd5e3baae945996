/** Sharing: tabs of one browser with one connection. Here the tabs are of one process, whose locks Deno has. */

import { assertEquals } from "@std/assert";
import { connect, type ConnectOptions, type Tidings } from "../../src/client/client.ts";
import { CLOSE } from "../../src/wire/close_codes.ts";
import { Running, soon } from "../end_to_end/running.ts";
import { Happenings } from "./recorded_events.ts";
import { StandIn } from "./stand_in.ts";

interface Sharer {
  readonly tidings: Tidings;
  readonly happenings: Happenings;
}

function sharer(url: string, options: ConnectOptions = {}): Sharer {
  const tidings = connect(url, { target: "alexander", share: true, ...options });
  return { tidings, happenings: new Happenings(tidings) };
}

/** Tabs that are open, the first leads. */
async function sharers(url: string, count: number, options: ConnectOptions = {}): Promise<Sharer[]> {
  const all: Sharer[] = [];
  while (all.length < count) {
    const one = sharer(url, options);
    await one.happenings.has("open");
    all.push(one);
  }
  return all;
}

async function close(tabs: readonly Sharer[]): Promise<void> {
  await Promise.all(tabs.map(({ tidings }) => tidings.close()));
}

function got({ happenings }: Sharer): string[] {
  return happenings.all.filter((one) => one.startsWith("got "));
}

Deno.test("Tabs that share have one connection, and each gets everything once", async () => {
  await using service = await Running.started();
  const tabs = await sharers(service.url, 3);
  await service.holds(1);
  for (let n = 0; n < 20; n++) await service.notify({ target: "alexander", data: n });
  for (const { happenings } of tabs) await happenings.has("got 19");
  for (const tab of tabs) {
    assertEquals(got(tab), Array.from({ length: 20 }, (_, n) => `got ${n}`));
    assertEquals(tab.tidings.status, tabs[0]?.tidings.status);
    assertEquals(tab.tidings.position, tabs[0]?.tidings.position);
  }
  await close(tabs);
});

Deno.test("Tabs that share take over when the one that leads is closed, with nothing lost or doubled", async () => {
  await using service = await Running.started();
  const tabs = await sharers(service.url, 4);
  let next = 0, isOver = false;
  const publishing = (async () => {
    while (!isOver) await service.notify({ target: "alexander", data: next++ });
  })();
  for (const [index, { tidings }] of tabs.slice(0, 3).entries()) {
    await tabs.at(-1)?.happenings.has(`got ${next + 5}`);
    await tidings.close();
    assertEquals(tabs[index + 1]?.tidings.state === "closed", false);
  }
  await tabs.at(-1)?.happenings.has(`got ${next + 5}`);
  isOver = true;
  await publishing;
  const last = tabs[3];
  await last?.happenings.has(`got ${next - 1}`);
  assertEquals(last === undefined ? [] : got(last), Array.from({ length: next }, (_, n) => `got ${n}`));
  await service.holds(1);
  await close(tabs);
});

Deno.test("Tabs share only with those of the same target, also if it is the token that says whose they are", async () => {
  await using service = new StandIn(({ accept, token }) => accept({ target: token }));
  const token = (sub: string) => () => `e30.${btoa(JSON.stringify({ sub })).replace(/=+$/, "")}.x`;
  const tabs = ["alexander", "alexander", "burr"].map((sub) => {
    const tidings = connect(service.url, { token: token(sub), share: true });
    return { tidings, happenings: new Happenings(tidings) };
  });
  for (const { happenings } of tabs) await happenings.has("open");
  assertEquals(service.visits.length, 2);
  await close(tabs);
});

Deno.test("A tab that comes late knows from where to go on when it has to lead, before anything has come", async () => {
  await using service = new StandIn(({ accept }) => accept({ position: "p9" }));
  const [first, second] = await sharers(service.url, 2);
  assertEquals(second?.tidings.position, "p9");
  await first?.tidings.close();
  await second?.happenings.has("open", 2);
  assertEquals(service.visits.map(({ after }) => after), [null, "p9"]);
  await second?.tidings.close();
});

Deno.test("A tab that follows acks and sends through the one that leads", async () => {
  await using service = await Running.started();
  const [leader, follower] = await sharers(service.url, 2, { ack: "manual" });
  await service.notify({ target: "alexander", id: "hello", data: 1 });
  await follower?.happenings.has("got 1");
  follower?.tidings.ack("hello");
  const report = async () => await (await fetch(`${service.url}/v1/notifications/hello`)).json();
  while ((await report()).acked !== 1) await soon();
  assertEquals(follower?.tidings.send("thanks"), true);
  await close([leader, follower].filter((tab) => tab !== undefined));
});

Deno.test("Tabs that share are told together that something is missed, and that there is no coming back", async () => {
  await using service = new StandIn(({ accept }) => accept());
  const tabs = await sharers(service.url, 3);
  service.peer.send({ type: "missed" });
  for (const { happenings } of tabs) await happenings.has("missed slow");
  service.peer.close(CLOSE.disconnected.code);
  for (const { happenings } of tabs) await happenings.has("error final");
  for (const { happenings } of tabs) {
    assertEquals(happenings.all, ["open", "missed slow", "closed", "error final"]);
  }
  assertEquals(service.visits.length, 1, "nobody takes over");
  await close(tabs);
});

Deno.test("Tabs that share are told together that the connection is interrupted", async () => {
  await using service = new StandIn(({ accept }) => accept());
  const tabs = await sharers(service.url, 2);
  service.peer.close(CLOSE.restart.code);
  for (const { happenings } of tabs) await happenings.has("waiting");
  dispatchEvent(new Event("online"));
  for (const { happenings } of tabs) {
    await happenings.has("open", 2);
    assertEquals(happenings.all, ["open", "waiting", "connecting", "open"]);
  }
  await close(tabs);
});
