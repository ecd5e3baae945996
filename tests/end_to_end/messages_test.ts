/** Tests of messages from browsers, over either transport, to the application's webhook. */

import { assertEquals } from "@std/assert";
import { connect } from "../../src/client/client.ts";
import { RecordedEvents } from "../client/recorded_events.ts";
import { eventually } from "../eventually.ts";
import { Application, SECRET, status } from "../processor/webhook/application.ts";
import { ServiceProcess } from "./service_process.ts";
import { TestService } from "./test_service.ts";
import { Tab } from "./tab.ts";

function environmentFor({ endpoint }: Application): Record<string, string> {
  return {
    TIDINGS_MESSAGE_WEBHOOK_URL: endpoint.url,
    TIDINGS_MESSAGE_WEBHOOK_SECRET: `whsec_${SECRET.toBase64()}`,
  };
}

Deno.test("The service posts messages, but no acks, to the application, with their target and connection", async () => {
  await using application = new Application(() => status(204));
  await using service = await TestService.start(environmentFor(application));
  const { tab, welcome } = await Tab.open(service.port, { target: "alexander" });
  tab.send('[{"type":"ack","ids":["a"]},{"type":"message","data":{"any":[1]}}]');
  const overSocket = await application.posted.receive();
  const { connection, target } = welcome;
  assertEquals((overSocket.payload as { data: unknown }).data, { target, connection, data: { any: [1] } });
  const body = JSON.stringify({ connection, messages: [{ type: "message", data: "posted" }] });
  const response = await fetch(`${service.url}/v1/received?target=alexander`, { method: "POST", body });
  assertEquals([response.status, await response.text()], [204, ""]);
  const { payload } = await application.posted.receive();
  assertEquals((payload as { data: unknown }).data, { target, connection, data: "posted" });
});

Deno.test("The service posts messages that an application with the old secret accepts", async () => {
  await using application = new Application(() => status(204));
  const { TIDINGS_MESSAGE_WEBHOOK_SECRET: old = "", ...environment } = environmentFor(application);
  await using service = await TestService.start({
    ...environment,
    TIDINGS_MESSAGE_WEBHOOK_SECRET: `whsec_${"N".repeat(32)}`,
    TIDINGS_MESSAGE_WEBHOOK_SECRETS_OLD: old,
  });
  const { tab } = await Tab.open(service.port, { target: "alexander" });
  tab.send('{"type":"message","data":1}');
  const { headers } = await application.posted.receive(); // the application has verified it
  assertEquals(headers.get("webhook-signature")?.split(" ").length, 2);
});

Deno.test("The service logs messages, with their data, if there is no application", async () => {
  await using service = await ServiceProcess.start();
  const { tab } = await Tab.open(service.port, { target: "alexander" });
  tab.send('{"type":"message","data":{"read":17}}');
  await service.waitForOutput('received a message from "alexander": { read: 17 }');
});

Deno.test("The service refuses a message that is nested as deeply as a frame has room for, and accepts the next", async () => {
  await using application = new Application(() => status(204));
  await using service = await TestService.start(environmentFor(application));
  const { tab, welcome: { connection } } = await Tab.open(service.port, { target: "alexander" });
  const levels = 5_000; // of `{"toJSON":`, which fill a frame
  for (const [open, close] of [["[", "]"], ['{"toJSON":', "}"], ['{"1":', "}"]] as [string, string][]) {
    const message = `{"type":"message","data":${open.repeat(levels)}1${close.repeat(levels)}}`;
    const body = `{"connection":"${connection}","messages":[${message}]}`;
    const response = await fetch(`${service.url}/v1/received?target=alexander`, { method: "POST", body });
    await response.body?.cancel();
    assertEquals(response.status, 422);
    tab.send(message);
    assertEquals((await tab.next()).problem?.status, 422);
  }
  tab.send('{"type":"message","data":"next"}');
  const { payload } = await application.posted.receive();
  assertEquals((payload as { data: { data: unknown } }).data.data, "next");
});

for (const share of [false, true]) {
  const kind = share ? "A tab that shares a connection" : "A tab";
  Deno.test(`${kind} reports a message that would be refused to its own page, and sends the others`, async () => {
    await using application = new Application(() => status(204));
    await using service = await TestService.start(environmentFor(application));
    const tabs = [1, 2].slice(share ? 0 : 1).map(() => connect(service.url, { target: "alexander", share }));
    const events = tabs.map((tab) => new RecordedEvents(tab));
    for (const one of events) await one.waitFor("open");
    let deep: unknown = 0;
    for (let level = 0; level < 101; level++) deep = [deep];
    const sent = [1, deep, undefined, { read: 17, show() {} }].map((data) => tabs.at(-1)?.send(data));
    assertEquals(sent, [true, false, false, true]);
    await events.at(-1)?.waitFor("error", 2);
    const datas = [await application.posted.receive(), await application.posted.receive()]
      .map(({ payload }) => (payload as { data: { data: unknown } }).data.data);
    assertEquals(new Set(datas.map((data) => JSON.stringify(data))), new Set(["1", '{"read":17}']));
    assertEquals(events[0]?.all, share ? ["open"] : ["open", "error", "error"]);
    for (const tab of tabs) await tab.close();
  });
}

Deno.test("The service delivers what browsers have sent before it stops", async () => {
  await using application = new Application(() => status(204));
  const service = await TestService.start({ ...environmentFor(application), TIDINGS_DRAIN_SECONDS: "60" });
  const { tab } = await Tab.open(service.port, { target: "alexander" });
  tab.send(JSON.stringify(Array.from({ length: 20 }, (_, data) => ({ type: "message", data }))));
  await application.posted.receive();
  await service.stop();
  assertEquals(application.posted.size, 19);
});

Deno.test("The service answers messages with 503 while the application is overloaded, and still accepts acks", async () => {
  await using application = new Application(() => null); // never answers
  await using service = await TestService.start(
    { ...environmentFor(application), TIDINGS_DRAIN_SECONDS: "1" },
    { limits: { received: 3 } },
  );
  const { tab } = await Tab.open(service.port, { target: "alexander" });
  tab.send(JSON.stringify([1, 2, 3].map((data) => ({ type: "message", data }))));
  for (let n = 0; n < 3; n++) await application.posted.receive();
  tab.send(JSON.stringify({ type: "message", data: 4 }));
  const { type, problem } = await tab.next();
  assertEquals([type, problem.status], ["error", 503]);
  const { id } = await service.notify({ target: "alexander", data: 1 });
  await tab.data(1);
  tab.send(JSON.stringify({ type: "ack", ids: [id] }));
  const report = () => fetch(`${service.url}/v1/notifications/${id}`).then((response) => response.json());
  await eventually(async () => (await report()).acked === 1, "a report of the ack");
});
