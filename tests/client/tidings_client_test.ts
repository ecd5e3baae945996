/** TidingsClient: what a page receives. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import * as fc from "fast-check";
import { connect, type ConnectOptions, type TidingsNotification } from "../../src/client/client.ts";
import { CLOSE } from "../../src/wire/close_codes.ts";
import { Problem } from "../../src/wire/problem.ts";
import { eventually } from "../eventually.ts";
import { blockWebSockets, refusal } from "./fake_answers.ts";
import { FakeService } from "./fake_service.ts";
import { RecordedEvents } from "./recorded_events.ts";

const notification = (id: string, position: string, data: unknown = id) => (
  { type: "notification", id, position, at: "2026-01-01T00:00:00.000Z", data }
);

/** A service that accepts every connection, and a client that is connected to it. */
async function setUp(options: ConnectOptions = {}, welcome: Record<string, unknown> = {}) {
  const service = new FakeService(({ accept }) => accept(welcome));
  const tidings = connect(service.url, { target: "alexander", ...options });
  const events = new RecordedEvents(tidings);
  await events.waitFor("open");
  return {
    service,
    tidings,
    events,
    async [Symbol.asyncDispose]() {
      await tidings.close();
      await service[Symbol.asyncDispose]();
    },
  };
}

Deno.test("TidingsClient delivers a notification to listeners and loops unchanged", async () => {
  await using client = await setUp();
  const loops = [client.tidings.notifications(), client.tidings.notifications()];
  let received: TidingsNotification | undefined;
  client.tidings.addEventListener("notification", ({ detail }) => received = detail);
  client.service.connection.send({
    ...notification("a", "p1", { title: "Hello" }),
    topic: "t",
    urgency: "high",
  });
  const expected: TidingsNotification = {
    id: "a",
    position: "p1",
    at: "2026-01-01T00:00:00.000Z",
    data: { title: "Hello" },
    topic: "t",
    urgency: "high",
  };
  for (const loop of loops) assertEquals((await loop.next()).value, expected);
  assertEquals(received, expected);
  assertEquals(client.tidings.status, {
    state: "open",
    reason: "",
    retryInMs: 0,
    transport: "websocket",
    target: "alexander",
    connection: "c",
  });
});

/** Steps of the property below: a frame, after which the connection may end. */
const id = fc.constantFrom("a", "b", "c", "d", "e");
const message = fc.oneof({ arbitrary: id, weight: 8 }, fc.constantFrom("missed" as const, "error" as const));
const step = fc.record({ messages: fc.array(message, { minLength: 1, maxLength: 5 }), ends: fc.boolean() });

Deno.test("TidingsClient resumes after the last position that it has received, and delivers each id once", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
      await using client = await setUp();
      const { service, events } = client;
      let at = 0, opens = 1;
      const expected = ["open"];
      const seen = new Set<string>();
      let position = "p0";
      for (const { messages, ends } of steps) {
        service.connection.send(...messages.map((one) => {
          if (one === "missed") return { type: "missed" };
          if (one === "error") return { type: "error", problem: { status: 422, title: "no", detail: "" } };
          return notification(one, position = `p${++at}`);
        }));
        for (const one of messages) {
          if (one === "missed") expected.push("missed slow");
          else if (one === "error") expected.push("error");
          else if (!seen.has(one)) expected.push(`got ${one}`);
          seen.add(one);
        }
        if (!ends) continue;
        service.connection.close(CLOSE.stuck.code);
        await events.waitFor("waiting", opens);
        dispatchEvent(new Event("online"));
        await events.waitFor("open", ++opens);
        expected.push("waiting", "connecting", "open");
        assertEquals(service.requests.at(-1)?.after, position);
        position = "p0"; // the position in the welcome
      }
      service.connection.send(notification("last", "p"));
      await events.waitFor("got last");
      assertEquals(events.all, [...expected, "got last"]);
      assertEquals(client.tidings.position, "p");
    }),
    { numRuns: 50 },
  );
});

Deno.test("TidingsClient delivers another notification under an id that was used before", async () => {
  await using client = await setUp();
  const first = notification("backup", "p1", "failed");
  client.service.connection.send(first, first);
  const later = { ...notification("backup", "p2", "works"), at: "2026-01-01T00:00:03.000Z" };
  client.service.connection.send(later, { ...later, position: "p3" }); // stored twice, or moved to another epoch
  client.service.connection.send(notification("last", "p4"));
  await client.events.waitFor("got last");
  assertEquals(client.events.all, ["open", "got failed", "got works", "got last"]);
});

Deno.test("TidingsClient reports expired notifications, and continues from the position of the welcome", async () => {
  await using client = await setUp({ after: "p-old" }, { recovered: false, position: "p-new" });
  await client.events.waitFor("missed expired");
  assertEquals(client.service.requests[0]?.after, "p-old");
  assertEquals(client.tidings.position, "p-new");
});

Deno.test("TidingsClient keeps the newest notifications for a slow loop, and reports the loss", async () => {
  await using client = await setUp({ unread: 2 });
  const loop = client.tidings.notifications();
  client.service.connection.send(...[1, 2, 3, 4].map((n) => notification(`${n}`, `p${n}`)));
  await client.events.waitFor("got 4");
  assertEquals(client.events.all.filter((one) => one.startsWith("missed")), ["missed unread"]); // 1 and 2
  assertEquals([(await loop.next()).value.id, (await loop.next()).value.id], ["3", "4"]);
  client.service.connection.send(...[5, 6, 7].map((n) => notification(`${n}`, `p${n}`)));
  await client.events.waitFor("missed unread", 2);
});

Deno.test("TidingsClient keeps nothing for a loop that was left", async () => {
  await using client = await setUp({ unread: 1 });
  for (const id of ["a", "b"]) client.service.connection.send(notification(id, id));
  for await (const one of client.tidings.notifications()) if (one.id === "b") break;
  for (const id of ["c", "d", "e"]) client.service.connection.send(notification(id, id));
  await client.events.waitFor("got e");
  assertEquals(client.events.all.filter((one) => one.startsWith("missed")), []);
});

Deno.test("TidingsClient closes for good when a new token is for another target", async () => {
  const targets = ["alexander", "burr"];
  await using service = new FakeService(({ accept }, index) => accept({ target: targets[index] ?? "" }));
  await using tidings = connect(service.url, { token: () => "token" });
  const events = new RecordedEvents(tidings);
  await events.waitFor("open");
  service.connection.close(CLOSE.tokenExpired.code);
  await events.waitFor("error final");
  assertEquals(tidings.status.target, "alexander");
  assert(/burr/.test(tidings.status.reason));
});

Deno.test("TidingsClient that a listener has closed delivers nothing more, not even of the same frame", async () => {
  await using client = await setUp();
  client.tidings.addEventListener("notification", () => void client.tidings.close());
  client.service.connection.send(notification("a", "p1"), notification("b", "p2"));
  await client.events.waitFor("closed");
  assertEquals(client.events.all, ["open", "got a", "closed"]);
  const later: ConnectOptions = { after: client.tidings.position };
  assertEquals(later, { after: "p1" });
});

Deno.test("TidingsClient continues when a native notification throws", async () => {
  const Notification = Object.assign(
    function (): never {
      throw new TypeError("Illegal constructor");
    },
    { permission: "granted" },
  );
  Object.defineProperty(globalThis, "Notification", { value: Notification, configurable: true });
  await using client = await setUp({ showNotification: () => ({ title: "Hello" }) });
  client.service.connection.send(notification("a", "p1"));
  await client.events.waitFor("error");
  assertEquals(client.events.all, ["open", "got a", "error"]);
  Reflect.deleteProperty(globalThis, "Notification");
});

Deno.test("TidingsClient parses frames with the reviver", async () => {
  await using client = await setUp({
    reviver: (_, value, context) => typeof value === "number" ? `${context?.source} as written` : value,
  });
  client.service.connection.send(notification("a", "p1", 1));
  await client.events.waitFor("got 1 as written");
});

Deno.test("TidingsClient reconnects when a frame cannot be parsed", async () => {
  await using client = await setUp({
    reviver(_, value) {
      if (value === "bad") throw new SyntaxError("bad");
      return value;
    },
  });
  client.service.connection.send(notification("a", "p1", "bad"));
  await client.events.waitFor("waiting");
  assertEquals(client.tidings.status.reason, "bad");
  assertEquals(client.tidings.position, "p0", "the client took nothing of the frame");
});

for (const position of [5, true, [], { toString: 1 }]) {
  for (const isOverSse of [false, true]) {
    const over = isOverSse ? "an event stream" : "a WebSocket", text = JSON.stringify(position);
    Deno.test(`TidingsClient does not resume after the position ${text} over ${over}, but after the last that is text`, async () => {
      await using service = new FakeService((request) =>
        isOverSse && request.route !== "events" ? blockWebSockets(request) : request.accept()
      );
      await using tidings = connect(service.url, { target: "alexander" });
      const events = new RecordedEvents(tidings), reasons: string[] = [];
      tidings.addEventListener("state", ({ detail }) => void reasons.push(detail.reason));
      await events.waitFor("open");
      service.connection.send(notification("a", "p1", 1), { ...notification("b", "p2", 2), position });
      await events.waitFor("waiting");
      dispatchEvent(new Event("online"));
      await events.waitFor("open", 2);
      service.connection.send(notification("b", "p2", 2));
      await events.waitFor("got 2");
      assert(reasons.includes("wrong position"), `${reasons}`);
      assertEquals(service.requests.at(-1)?.after, "p1");
      assertEquals(events.all.filter((one) => one.startsWith("got")), ["got 1", "got 2"]);
    });
  }
}

Deno.test("TidingsClient sends what a listener sends when the connection opens", async () => {
  await using service = new FakeService(({ accept }) => accept());
  await using tidings = connect(service.url, { target: "alexander" });
  const sent = new Promise<boolean>((resolve) =>
    tidings.addEventListener(
      "state",
      ({ detail }) => detail.state === "open" && resolve(tidings.send("hello")),
    )
  );
  assertEquals(await sent, true);
  await eventually(() => service.frames.some((frame) => frame.includes("hello")), "the message");
});

Deno.test("TidingsClient hands on what was read, and answers to marks as events that are no errors", async () => {
  await using client = await setUp();
  const details: unknown[] = [];
  for (const type of ["read", "marked"] as const) {
    client.tidings.addEventListener(type, ({ detail }) => details.push(detail));
  }
  const read = { type: "read", position: "p2", at: "", through: "p1", read: [], unread: [] };
  const refusal = { type: "error", ref: "b", problem: { status: 422, title: "no", detail: "no" } };
  client.service.connection.send(read, { type: "marked", ref: "a" }, refusal);
  await eventually(() => details.length === 3, "all events");
  assertEquals(details, [read, { type: "marked", ref: "a" }, refusal]);
  assertEquals([client.tidings.position, client.events.all], ["p2", ["open"]]);
  assertEquals(client.tidings.mark({ type: "read", through: "p2", ref: "c" }), true);
  const message = '{"type":"read","through":"p2","ref":"c"}';
  await eventually(() => client.service.frames.some((frame) => frame.includes(message)), "the mark");
});

Deno.test("TidingsClient ignores messages of types that it does not know, also those that are called like its events", async () => {
  await using client = await setUp();
  const types: unknown[] = ["state", "leave", "shown", "news", ["notification"], ["state"]];
  client.tidings.addEventListener("leave", () => client.events.all.push("left"));
  client.service.connection.send(...types.map((type) => ({ type, state: "closed", data: "junk" })));
  client.service.connection.send(notification("a", "p1"));
  await client.events.waitFor("got a");
  assertEquals(client.events.all, ["open", "got a"]);
});

Deno.test("TidingsClient.request parses with the reviver, and rejects with the reason of a refusal", async () => {
  const answers = [
    Response.json({ n: 1 }),
    refusal(new Problem("unavailable", "later")),
    new Response(null, { status: 204 }),
  ];
  await using service = new FakeService(({ route, accept }) =>
    route === "inbox" ? answers.shift() ?? Response.error() : accept()
  );
  const reviver = (_: string, value: unknown) => value === 1 ? "one" : value;
  await using tidings = connect(service.url, { target: "alexander", reviver });
  assertEquals(await tidings.request("inbox", { query: { limit: "3" } }), { n: "one" });
  const { message } = await assertRejects(() => tidings.request("inbox"), Error);
  assertEquals(message, "503 Temporarily unavailable: later");
  assertEquals(await tidings.request("inbox", { method: "POST", body: "[1]" }), null);
  const sent = service.requests.filter(({ route }) => route === "inbox");
  assertEquals(sent.map(({ method, query, body }) => `${method} ${query} ${body}`), [
    "GET target=alexander&limit=3 ",
    "GET target=alexander ",
    "POST target=alexander [1]",
  ]);
});
