/** TidingsClient: what it remembers for the next page, and what it does with what it finds. */

import { assertEquals } from "@std/assert";
import { connect, type ConnectOptions } from "../../src/client/client.ts";
import { positionOf } from "../../src/wire/position.ts";
import { eventually } from "../eventually.ts";
import { blockWebSockets } from "./fake_answers.ts";
import { FakeService } from "./fake_service.ts";
import { withStorage } from "./fake_storage.ts";
import { RecordedEvents } from "./recorded_events.ts";

const at = (sequence: number) => positionOf("epoch000", sequence);
const notification = (sequence: number) => (
  {
    type: "notification",
    id: `${sequence}`,
    position: at(sequence),
    at: "2026-01-01T00:00:00.000Z",
    data: sequence,
  }
);

/** A storage that counts its writes, and a service whose streams start at position 1. */
function setUp(
  { isOverSse = false, stored, recovered }: { isOverSse?: boolean; stored?: string; recovered?: false } = {},
) {
  let writes = 0;
  const values: Record<string, string> = {};
  const storage = new Proxy(values, {
    set: (target, key, value) => {
      writes++;
      return Reflect.set(target, key, value);
    },
  });
  const service = new FakeService((request) => {
    if (isOverSse && request.route !== "events") return blockWebSockets(request);
    if (!request.isUpgrade && !isOverSse) return blockWebSockets(request);
    if (recovered === false) return request.accept({ position: at(1), recovered });
    return request.accept({ position: request.after?.startsWith("epoch") ? request.after : at(1) });
  });
  const key = `tidings ${service.url} me`;
  if (stored) values[key] = stored;
  const replaced = withStorage(storage);
  return {
    service,
    get remembered() {
      return values[key];
    },
    get writes() {
      return writes;
    },
    connect: (options: ConnectOptions = {}) =>
      connect(service.url, { target: "alexander", remember: "me", ...options }),
    async [Symbol.asyncDispose]() {
      replaced[Symbol.dispose]();
      await service[Symbol.asyncDispose]();
    },
  };
}

Deno.test("TidingsClient remembers where its stream starts, and then each frame by one write", async () => {
  await using page = setUp();
  await using tidings = page.connect({ after: "earliest" });
  const events = new RecordedEvents(tidings);
  await events.waitFor("open");
  assertEquals([page.remembered, page.writes], [`alexander\n${at(1)}`, 1]);
  page.service.connection.send(notification(2), notification(3), notification(4));
  await events.waitFor("got 4");
  assertEquals([page.remembered, page.writes], [`alexander\n${at(4)}`, 2]);
});

Deno.test("TidingsClient resumes after what is remembered, and not after `after`", async () => {
  await using page = setUp({ stored: `alexander\n${at(7)}` });
  await using tidings = page.connect({ after: "earliest" });
  await new RecordedEvents(tidings).waitFor("open");
  assertEquals(page.service.requests.map(({ after }) => after), [at(7)]);
});

Deno.test("TidingsClient remembers an earlier position than before if the server has lost that one", async () => {
  await using page = setUp({ stored: `alexander\n${at(7)}`, recovered: false });
  await using tidings = page.connect();
  const events = new RecordedEvents(tidings);
  await events.waitFor("open");
  page.service.connection.send(notification(2));
  await events.waitFor("got 2");
  assertEquals(page.remembered, `alexander\n${at(2)}`);
});

Deno.test("TidingsClient asks for the earliest until it is welcomed, and then for its last position", async () => {
  let refusals = 2; // one socket, and the request that asks why
  await using service = new FakeService(({ accept }) => {
    return refusals-- > 0 ? new Response(null, { status: 502 }) : accept({ position: at(1) });
  });
  await using tidings = connect(service.url, { target: "alexander", after: "earliest" });
  const events = new RecordedEvents(tidings);
  await events.waitFor("open");
  service.connection.cut();
  await events.waitFor("open", 2);
  const asked = service.requests.map(({ after }) => after);
  assertEquals([new Set(asked.slice(0, -1)), asked.at(-1)], [new Set(["earliest"]), at(1)]);
});

for (const isOverSse of [false, true]) {
  const transport = isOverSse ? "sse" : "websocket";
  for (const after of ["earliest", at(3), null]) {
    Deno.test(`TidingsClient over ${transport} begins anew, after ${after}, if another target is remembered`, async () => {
      await using page = setUp({ isOverSse, stored: `burr\n${at(7)}` });
      await using tidings = page.connect({ after });
      const events = new RecordedEvents(tidings);
      await events.waitFor("open");
      const asked = page.service.requests.filter(({ isUpgrade, route }) => isUpgrade || route === "events");
      assertEquals(asked.at(-1)?.after, after);
      page.service.connections[0]?.send(notification(9)); // of the connection that was given up
      page.service.connection.send(notification(8));
      await events.waitFor("got 8");
      const states = events.all.filter((one) => one === "open" || one.startsWith("got"));
      assertEquals(states, ["open", "got 8"]);
      assertEquals(page.remembered, `alexander\n${at(8)}`);
    });
  }
}

Deno.test("TidingsClient hands on nothing that comes in one chunk with the welcome of another target", async () => {
  await using page = setUp({ isOverSse: true, stored: `burr\n${at(7)}` });
  const accepted = page.service.connections;
  await using tidings = page.connect();
  const events = new RecordedEvents(tidings);
  await eventually(() => accepted.length > 0, "a first stream");
  accepted[0]?.send(notification(9));
  await events.waitFor("open");
  page.service.connection.send(notification(8));
  await events.waitFor("got 8");
  assertEquals(events.all.filter((one) => one.startsWith("got")), ["got 8"]);
});

Deno.test("TidingsClient remembers nothing that waits for a loop", async () => {
  await using page = setUp();
  await using tidings = page.connect();
  const loops = [tidings.notifications(), tidings.notifications()];
  const events = new RecordedEvents(tidings);
  await events.waitFor("open");
  page.service.connection.send(notification(2), notification(3), notification(4));
  await events.waitFor("got 4");
  assertEquals(page.remembered, `alexander\n${at(1)}`, "no loop has taken any");
  await loops[0]?.next();
  await loops[0]?.next();
  await loops[1]?.next();
  page.service.connection.send(notification(5));
  await events.waitFor("got 5");
  assertEquals(page.remembered, `alexander\n${at(2)}`, "the slower loop has taken one");
  for (let n = 0; n < 2; n++) await loops[0]?.next();
  for (let n = 0; n < 3; n++) await loops[1]?.next();
  for (const loop of loops) void loop.next();
  assertEquals(page.remembered, `alexander\n${at(5)}`, "both wait for more");
});

Deno.test("TidingsClient remembers what a loop has taken when its user leaves the page", async () => {
  await using page = setUp();
  await using tidings = page.connect();
  const loop = tidings.notifications();
  const events = new RecordedEvents(tidings);
  await events.waitFor("open");
  page.service.connection.send(notification(2), notification(3));
  await events.waitFor("got 3");
  await loop.next();
  assertEquals(page.remembered, `alexander\n${at(1)}`);
  dispatchEvent(new Event("visibilitychange"));
  assertEquals(page.remembered, `alexander\n${at(2)}`);
});

Deno.test("TidingsClient remembers only what a listener has received that closes the connection", async () => {
  await using page = setUp();
  const tidings = page.connect();
  const events = new RecordedEvents(tidings);
  await events.waitFor("open");
  tidings.addEventListener("notification", () => void tidings.close());
  page.service.connection.send(notification(2), notification(3));
  await events.waitFor("closed");
  assertEquals(page.remembered, `alexander\n${at(2)}`);
});

Deno.test("TidingsClient remembers nothing of a welcome for another user, nor after it is closed", async () => {
  let target = "alexander";
  const values: Record<string, string> = {};
  using _ = withStorage(values);
  await using service = new FakeService(({ accept }) =>
    accept({ target, position: target === "alexander" ? at(1) : at(9) })
  );
  const tidings = connect(service.url, { token: () => "token", remember: "me" });
  const loop = tidings.notifications();
  const events = new RecordedEvents(tidings);
  await events.waitFor("open");
  target = "burr";
  service.connection.cut();
  await events.waitFor("closed");
  await loop.next().catch(() => {});
  assertEquals(Object.values(values), [`alexander\n${at(1)}`]);
});

Deno.test("TidingsClient keeps what it remembers when its user signs out", async () => {
  await using page = setUp({ stored: `alexander\n${at(7)}` });
  const tidings = page.connect({ token: () => null });
  await new RecordedEvents(tidings).waitFor("closed");
  assertEquals([page.remembered, page.writes, page.service.requests], [`alexander\n${at(7)}`, 0, []]);
});
