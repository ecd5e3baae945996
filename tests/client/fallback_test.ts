/** The fallback to Server-Sent Events where WebSockets are blocked. */

import { assertEquals } from "@std/assert";
import { connect } from "../../src/client/client.ts";
import { CLOSE } from "../../src/wire/close_codes.ts";
import { eventually } from "../eventually.ts";
import { blockWebSockets, countedTokens, upgradeRequired } from "./fake_answers.ts";
import { FakeService } from "./fake_service.ts";
import { RecordedEvents } from "./recorded_events.ts";

Deno.test("Reconnector uses Server-Sent Events where WebSockets are blocked, and tries no WebSocket for a while", async () => {
  await using service = new FakeService(blockWebSockets);
  await using tidings = connect(service.url, { token: countedTokens().token, ack: "manual" }); // acks are requests too
  const events = new RecordedEvents(tidings);
  await events.waitFor("open");
  assertEquals(tidings.status.transport, "sse");
  assertEquals(service.routes, ["socket", "connect", "socket", "events"]);
  service.connection.send({ type: "notification", id: "a", position: "p1", at: "", data: "\u2028" });
  await events.waitFor("got \u2028");
  service.connection.close(CLOSE.tokenExpired.code);
  await events.waitFor("open", 2);
  assertEquals(service.routes.slice(4), ["events"]);
  assertEquals(service.requests.slice(3).map(({ token, after }) => [token, after]), [
    ["token-1", null],
    ["token-2", "p1"],
  ]);
  service.connection.cut();
  await events.waitFor("waiting", 2);
  dispatchEvent(new Event("online")); // maybe another network
  await events.waitFor("open", 3);
  assertEquals(service.routes[5], "socket");
});

Deno.test("Reconnector tries a WebSocket again before it falls back, in case the service has just started", async () => {
  await using service = new FakeService(({ isUpgrade, accept }, index) =>
    index === 0 ? new Response(null, { status: 502 }) : isUpgrade ? accept() : upgradeRequired()
  );
  await using tidings = connect(service.url, { target: "alexander" });
  await new RecordedEvents(tidings).waitFor("open");
  assertEquals(tidings.status.transport, "websocket");
});

Deno.test("Reconnector uses Server-Sent Events at once where there is no WebSocket", async () => {
  await using service = new FakeService(blockWebSockets);
  const { WebSocket } = globalThis;
  Reflect.deleteProperty(globalThis, "WebSocket");
  try {
    await using tidings = connect(service.url, { target: "alexander" });
    await new RecordedEvents(tidings).waitFor("open");
    assertEquals([tidings.status.transport, service.routes], ["sse", ["events"]]);
  } finally {
    Object.assign(globalThis, { WebSocket });
  }
});

Deno.test("Reconnector uses Server-Sent Events where a policy lets the constructor of WebSocket throw", async () => {
  await using service = new FakeService(blockWebSockets);
  const { WebSocket } = globalThis;
  const refuse = function (): never {
    throw new DOMException("Refused by Content-Security-Policy", "SecurityError");
  };
  Object.assign(globalThis, { WebSocket: refuse });
  try {
    await using tidings = connect(service.url, { target: "alexander" });
    await new RecordedEvents(tidings).waitFor("open");
    assertEquals([tidings.status.transport, service.routes], ["sse", ["connect", "events"]]);
  } finally {
    Object.assign(globalThis, { WebSocket });
  }
});

Deno.test("TidingsClient over Server-Sent Events posts its acks and messages", async () => {
  await using service = new FakeService(blockWebSockets);
  await using tidings = connect(service.url, { token: countedTokens().token });
  const events = new RecordedEvents(tidings);
  await events.waitFor("open");
  service.connection.send({ type: "notification", id: "a", position: "p1", at: "", data: 1 });
  await events.waitFor("got 1");
  assertEquals(tidings.send({ read: true }), true);
  const posts = () => service.requests.filter(({ route }) => route === "received");
  await eventually(() => posts().length >= 2, "two posts");
  assertEquals(posts().map(({ token, body }) => [token, JSON.parse(body)]), [
    ["token-1", { connection: "c", messages: [{ type: "message", data: { read: true } }] }],
    ["token-1", { connection: "c", messages: [{ type: "ack", ids: ["a"] }] }],
  ]);
});

Deno.test("TidingsClient over Server-Sent Events posts its acks before it closes", async () => {
  await using service = new FakeService(blockWebSockets);
  const tidings = connect(service.url, { target: "alexander" });
  const events = new RecordedEvents(tidings);
  await events.waitFor("open");
  service.connection.send({ type: "notification", id: "a", position: "p1", at: "", data: 1 });
  await events.waitFor("got 1");
  await tidings.close();
  assertEquals(service.routes.at(-1), "received");
});
