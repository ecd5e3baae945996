/** Connections that die without a sign: the SDK finds out, and what it handed to them is sent again. */

import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { connect } from "../../src/client/client.ts";
import { unavailable } from "../../src/wire/problem.ts";
import { eventually } from "../eventually.ts";
import { blockWebSockets } from "./fake_answers.ts";
import { type FakeRequest, FakeService } from "./fake_service.ts";
import { RecordedEvents } from "./recorded_events.ts";

const PING = '[{"type":"ping"}]';
const accept = ({ accept }: FakeRequest) => accept();

for (const type of ["pageshow", "visibilitychange", "resume", "online"]) {
  Deno.test(`Reconnector checks an open connection at once on ${type}`, async () => {
    await using service = new FakeService(accept);
    await using tidings = connect(service.url, { target: "alexander" });
    await new RecordedEvents(tidings).waitFor("open");
    assertEquals(service.frames, []);
    dispatchEvent(new Event(type));
    await eventually(() => service.frames.length > 0, "a ping");
    assertEquals(service.frames, [PING]);
  });
}

Deno.test("Reconnector checks an event stream at once, and replaces it if the server no longer has the connection", async () => {
  let isKnown = true;
  await using service = new FakeService((request) => {
    if (request.route !== "received" || isKnown) return blockWebSockets(request);
    const problem = { type: "urn:tidings:problem:not-found", title: "Not found", detail: "", status: 404 };
    return Response.json(problem, { status: 404 });
  });
  await using tidings = connect(service.url, { target: "alexander" });
  const events = new RecordedEvents(tidings);
  await events.waitFor("open");
  isKnown = false;
  dispatchEvent(new Event("visibilitychange"));
  await events.waitFor("waiting");
  assertEquals(JSON.parse(service.requests.at(-1)?.body ?? ""), {
    connection: "c",
    messages: [{ type: "ping" }],
  });
  isKnown = true;
  dispatchEvent(new Event("online"));
  await events.waitFor("open", 2);
});

Deno.test("TidingsClient checks an event stream at once if a post gets no answer, because both may have died", async () => {
  await using service = new FakeService(blockWebSockets);
  await using tidings = connect(service.url, { target: "alexander" });
  await new RecordedEvents(tidings).waitFor("open");
  const { fetch } = globalThis;
  const posts: unknown[] = [];
  globalThis.fetch = (_, { body } = {}) => {
    posts.push(JSON.parse(`${body}`).messages);
    return Promise.reject(new TypeError("the network is gone"));
  };
  try {
    tidings.send("hello");
    await eventually(() => posts.length === 2, "a ping");
    assertEquals(posts, [[{ type: "message", data: "hello" }], [{ type: "ping" }]]);
  } finally {
    globalThis.fetch = fetch;
  }
});

Deno.test("TidingsClient sends a message again that a dead connection took, and reports none as lost", async () => {
  using time = new FakeTime();
  await using service = new FakeService(accept);
  await using tidings = connect(service.url, { target: "alexander" });
  const events = new RecordedEvents(tidings);
  await events.waitFor("open");
  service.answersPings = false;
  assertEquals(tidings.send({ read: 1 }), true);
  time.tick(0);
  await eventuallyReal(() => service.frames.length === 1);
  assertEquals(tidings.send({ read: 2 }), true);
  time.tick(6_000);
  await events.waitFor("waiting");
  assertEquals(tidings.status.reason, "nothing comes");
  service.answersPings = true;
  dispatchEvent(new Event("online"));
  await events.waitFor("open", 2);
  time.tick(0);
  await eventuallyReal(() => service.frames.length === 2);
  assertEquals(service.frames.map((frame) => JSON.parse(frame).slice(0, -1)), [
    [{ type: "message", data: { read: 1 } }],
    [{ type: "message", data: { read: 1 } }, { type: "message", data: { read: 2 } }],
  ]);
  assertEquals(events.all, ["open", "waiting", "connecting", "open"]);
});

Deno.test("TidingsClient sends a message again that the server had no room for, and reports other refusals", async () => {
  using time = new FakeTime();
  await using service = new FakeService(accept);
  await using tidings = connect(service.url, { target: "alexander" });
  const events = new RecordedEvents(tidings);
  await events.waitFor("open");
  service.answersPings = false;
  tidings.send(1);
  time.tick(0);
  await eventuallyReal(() => service.frames.length === 1);
  service.connection.send({ type: "error", problem: unavailable("no room") }, {
    type: "notification",
    ...{ id: "a", position: "p1", at: "", data: "refused" },
  });
  await events.waitFor("got refused");
  await time.tickAsync(999);
  assertEquals(service.frames.filter((frame) => frame.includes("message")).length, 1);
  await time.tickAsync(1);
  await eventuallyReal(() => service.frames.filter((frame) => frame.includes("message")).length === 2);
  const problem = { status: 422, title: "no", detail: "" };
  service.connection.send({ type: "error", problem });
  await events.waitFor("error");
  assertEquals(events.all, ["open", "got refused", "error"]);
});

/** As `eventually`, while the clock stands still. */
async function eventuallyReal(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
}
