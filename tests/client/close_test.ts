/** close(), an AbortSignal and `using`: how a page closes a connection. */

import { assertEquals } from "@std/assert";
import { connect } from "../../src/client/client.ts";
import { unavailable } from "../../src/wire/problem.ts";
import { eventually } from "../eventually.ts";
import { blockWebSockets, refuseWith } from "./fake_answers.ts";
import { type FakeRequest, FakeService } from "./fake_service.ts";
import { RecordedEvents } from "./recorded_events.ts";

Deno.test("close() ends a connection in every state", async () => {
  const never = Promise.withResolvers<Response>();
  const stages: Record<string, (request: FakeRequest) => Response | Promise<Response>> = {
    open: ({ accept }) => accept(),
    "open over SSE": blockWebSockets,
    waiting: refuseWith(unavailable("full", { seconds: 60 })),
    asking: ({ isUpgrade }) => isUpgrade ? new Response(null, { status: 404 }) : never.promise,
  };
  for (const [stage, answer] of Object.entries(stages)) {
    await using service = new FakeService(answer);
    const tidings = connect(service.url, { target: "alexander" });
    const events = new RecordedEvents(tidings);
    if (stage === "asking") await eventually(() => service.routes.length >= 2, "the request for the reason");
    else await events.waitFor(stage.split(" ")[0] ?? "");
    const ended = tidings.notifications().next();
    await tidings.close();
    assertEquals((await ended).done, true, stage);
    assertEquals(events.all.at(-1), "closed", stage);
    assertEquals(events.all.includes("error final"), false, stage);
    never.resolve(new Response());
  }
});

Deno.test("close() does not wait for a token, and a token that arrives later opens nothing", async () => {
  await using service = new FakeService(({ accept }) => accept());
  for (const share of [false, true]) {
    const { promise, resolve } = Promise.withResolvers<string>();
    const tidings = connect(service.url, { token: () => promise, share });
    const events = new RecordedEvents(tidings);
    await tidings.close();
    assertEquals(events.all, ["closed"]);
    resolve("token");
    await new Promise((wait) => setTimeout(wait, 2)); // enough for a request to arrive
  }
  assertEquals(service.requests.length, 0);
});

Deno.test("close() ends an event stream only when the last posts are answered, which are for that connection", async () => {
  const answer = Promise.withResolvers<Response>();
  await using service = new FakeService((request) =>
    request.route === "received" ? answer.promise : blockWebSockets(request)
  );
  const tidings = connect(service.url, { target: "alexander" });
  await new RecordedEvents(tidings).waitFor("open");
  tidings.send("bye");
  const closed = tidings.close();
  await eventually(() => service.routes.includes("received"), "the last post");
  assertEquals([tidings.state, service.hasReader], ["closed", true]);
  answer.resolve(new Response(null, { status: 204 }));
  await closed;
  await eventually(() => !service.hasReader, "the end of the stream");
});

Deno.test("An AbortSignal and `using` close the connection too", async () => {
  await using service = new FakeService(({ accept }) => accept());
  const abort = new AbortController();
  const tidings = connect(service.url, { target: "alexander", signal: abort.signal });
  const events = new RecordedEvents(tidings);
  await events.waitFor("open");
  abort.abort();
  await events.waitFor("closed");
  await tidings.close();

  const late = connect(service.url, { target: "alexander", signal: abort.signal });
  await new RecordedEvents(late).waitFor("closed");
  assertEquals(service.requests.length, 1);

  let scopedEvents: RecordedEvents;
  {
    using scoped = connect(service.url, { target: "alexander" });
    scopedEvents = new RecordedEvents(scoped);
    await scopedEvents.waitFor("open");
  }
  await scopedEvents.waitFor("closed");
});
