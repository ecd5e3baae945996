/** Traces: what a service exports of a notification, from the publisher to tabs, webhook and push, and what it never does. */

import { assert, assertEquals } from "@std/assert";
import { Application, SECRET, status } from "../processor/webhook/application.ts";
import { bearer, secondsFromNow, signedToken, TOKEN_SECRET } from "../http/auth/signed_token.ts";
import { test } from "../nats/nats_server.ts";
import { TraceCollector } from "../tracing/trace_collector.ts";
import { Cluster } from "./cluster.ts";
import { PushDevices } from "./push_devices.ts";
import { RawSocket } from "./raw_socket.ts";
import { ServiceProcess } from "./service_process.ts";
import { Tab } from "./tab.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c", OTHER_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT = "b7ad6b7169203331";
const TRACEPARENT = `00-${TRACE}-${PARENT}-01`;
const KEY = "a-publisher-key-of-32-characters";

async function post(service: ServiceProcess, body: unknown, headers: HeadersInit = {}): Promise<void> {
  const response = await fetch(`${service.url}/v1/notify`, {
    method: "POST",
    headers,
    body: JSON.stringify(body),
  });
  assertEquals(response.status, 202, await response.text());
}

Deno.test("The service records one trace from the publisher to the tabs, the webhook and a push", async () => {
  await using collector = new TraceCollector();
  await using application = new Application(() => status(204));
  await using devices = new PushDevices();
  await using service = await ServiceProcess.start({
    ...collector.environment,
    TIDINGS_MESSAGE_WEBHOOK_URL: application.endpoint.url,
    TIDINGS_MESSAGE_WEBHOOK_SECRET: `whsec_${SECRET.toBase64()}`,
  });
  const device = await devices.subscribe(service.url, { target: "schuyler" });
  const tabs = await Promise.all([1, 2, 3].map(() => Tab.open(service.port, { target: "schuyler" })));
  const sent = { target: "schuyler", data: { secret: "pistols" }, id: "duel", push: { after: 0 } };
  await post(service, sent, { traceparent: TRACEPARENT, tracestate: "vendor=1" });
  const received = await Promise.all(tabs.map(({ tab }) => tab.next()));
  const { traceparent, tracestate } = received[0] ?? {};
  assertEquals([traceparent, tracestate], [TRACEPARENT, "vendor=1"]);
  tabs[0]?.tab.send(JSON.stringify({ type: "message", data: "I accept", traceparent, tracestate }));
  const posted = await application.posted.receive();

  const request = await collector.span("POST /v1/notify");
  assertEquals([request.kind, request.traceId, request.parentId], ["server", TRACE, PARENT]);
  assertEquals(request.attributes["http.route"], "/v1/notify");
  const append = await collector.span("journal.append");
  assertEquals(append.attributes["tidings.notifications"], "1");
  const deliver = await collector.span("deliver");
  assertEquals(collector.pathTo(deliver), ["POST /v1/notify", "journal.append", "deliver"]);
  assertEquals([deliver.attributes["tidings.connections"], deliver.events], ["3", ["first frame"]]);
  assert(deliver.start >= append.start && deliver.end > deliver.start, "deliver follows the append");
  assertEquals(collector.spans.filter(({ name }) => name === "deliver").length, 1);

  const webhook = await collector.span("POST webhook");
  assertEquals([webhook.kind, webhook.traceId, webhook.parentId], ["client", TRACE, PARENT]);
  assertEquals(posted.headers.get("traceparent"), `00-${TRACE}-${webhook.id}-01`);
  assertEquals(posted.headers.get("tracestate"), "vendor=1");

  const push = await collector.span("POST push service");
  assertEquals(collector.pathTo(push), ["POST /v1/notify", "push", "POST push service"]);
  assertEquals([push.attributes["http.response.status_code"], push.isError], ["201", false]);
  await devices.next(1);
  const [{ headers, payload } = { headers: new Headers(), payload: "" }] = devices.received;
  assertEquals([headers.get("traceparent"), headers.get("tracestate")], [null, null]);
  assertEquals(JSON.parse(payload).notification.data.traceparent, TRACEPARENT);

  for (const secret of ["schuyler", "pistols", "I accept", "hunter2", device.endpoint]) {
    assert(!collector.received.includes(secret), secret);
  }
  for (const { tab } of tabs) await tab.close();
});

Deno.test("The service records every request with its route, and no token, key, target or query", async () => {
  await using collector = new TraceCollector();
  const token = await signedToken({ sub: "alexander", exp: secondsFromNow(60) });
  await using service = await ServiceProcess.start({
    ...collector.environment,
    TIDINGS_PUBLISHER_KEYS: KEY,
    TIDINGS_TOKEN_SECRET: TOKEN_SECRET,
  });
  const requests = [
    ["GET", "/v1/targets/alexander", bearer(KEY), "GET /v1/targets/:target"],
    ["DELETE", "/v1/targets/alexander/connections", bearer(KEY), "DELETE /v1/targets/:target/connections"],
    ["GET", `/v1/inbox?access_token=${token}`, {}, "GET /v1/inbox"],
    ["GET", `/v1/events?access_token=${token}`, {}, "GET /v1/events"],
    ["GET", "/v1/targets/alexander", {}, "GET /v1/targets/:target"],
    ["GET", "/alexander", {}, "GET"],
    ["BREW", "/v1/notify", {}, "HTTP /v1/notify"],
  ] as const;
  for (const [method, path, headers, name] of requests) {
    const response = await fetch(`${service.url}${path}`, { method, headers });
    await response.body?.cancel();
    const span = await collector.span(
      name,
      ({ attributes }) => attributes["http.response.status_code"] === String(response.status),
    );
    assertEquals(span.attributes["http.route"], name.split(" ")[1]);
  }
  using _tab = await RawSocket.connect(service.port, `/v1/connect?access_token=${token}`);
  const upgrade = await collector.span("GET /v1/connect");
  assertEquals(upgrade.attributes["http.response.status_code"], "101");
  for (const secret of [token, KEY, "alexander"]) {
    assert(!collector.received.includes(secret), secret);
  }
});

Deno.test("The service links a batch to the trace of each notification, and delivers each in its own", async () => {
  await using collector = new TraceCollector();
  await using service = await ServiceProcess.start(collector.environment);
  const { tab } = await Tab.open(service.port, { target: "alexander" });
  const context = (trace: string) => ({ traceparent: `00-${trace}-${PARENT}-01` });
  await post(service, [
    { target: "alexander", data: 1, ...context(TRACE) },
    { target: "alexander", data: 2, ...context(OTHER_TRACE) },
    { target: "alexander", data: 3 },
  ]);
  await tab.data(3);
  const append = await collector.span("journal.append");
  assertEquals(append.links.toSorted(), [TRACE, OTHER_TRACE].toSorted());
  for (const traceId of [TRACE, OTHER_TRACE, append.traceId]) {
    await collector.span("deliver", (span) => span.traceId === traceId);
  }
  await tab.close();
});

Deno.test("The service continues the trace of a frame on a publisher's WebSocket, and of what was scheduled", async () => {
  await using collector = new TraceCollector();
  await using service = await ServiceProcess.start(collector.environment);
  const { tab } = await Tab.open(service.port, { target: "alexander" });
  const socket = new WebSocket(`ws://127.0.0.1:${service.port}/v1/publish`, ["tidings.publish.v1"]);
  await new Promise((resolve) => socket.onopen = resolve);
  socket.send(JSON.stringify({ target: "alexander", data: 1, traceparent: TRACEPARENT }));
  await tab.data(1);
  const append = await collector.span("journal.append", ({ traceId }) => traceId === TRACE);
  assertEquals(append.parentId, PARENT);
  const at = new Date(Date.now() + 20).toISOString();
  await post(service, { target: "alexander", data: 2, at });
  await tab.data(1);
  const request = await collector.span("POST /v1/notify");
  const deliver = await collector.span("deliver", ({ traceId }) => traceId === request.traceId);
  assertEquals(collector.pathTo(deliver), ["POST /v1/notify", "journal.append", "deliver"]);
  socket.close();
  await tab.close();
});

test("The service records a delivery on another node in the trace of the request", async () => {
  await using collector = new TraceCollector();
  await using cluster = await Cluster.start(2, collector.environment);
  const [first = 0, second = 0] = cluster.ports;
  const { tab } = await Tab.open(second, { target: "alexander" });
  const url = `http://127.0.0.1:${first}/v1/notify`;
  const response = await fetch(url, { method: "POST", body: '{"target":"alexander","data":1}' });
  assertEquals(response.status, 202, await response.text());
  await tab.data(1);
  const deliver = await collector.span("deliver", ({ events }) => events.length > 0);
  assertEquals(collector.pathTo(deliver), ["POST /v1/notify", "journal.append", "deliver"]);
  await tab.close();
});

Deno.test("The service records a webhook that cannot be reached, without its URL", async () => {
  await using collector = new TraceCollector();
  const closed = Deno.listen({ port: 0 }), { port } = closed.addr;
  closed.close();
  await using service = await ServiceProcess.start({
    ...collector.environment,
    TIDINGS_LOG_LEVEL: "error",
    TIDINGS_MESSAGE_WEBHOOK_URL: `http://127.0.0.1:${port}/messages?token=hunter2`,
    TIDINGS_MESSAGE_WEBHOOK_SECRET: `whsec_${SECRET.toBase64()}`,
  });
  const { tab } = await Tab.open(service.port, { target: "alexander" });
  tab.send(JSON.stringify({ type: "message", data: 1 }));
  const webhook = await collector.span("POST webhook");
  assertEquals([webhook.isError, webhook.attributes["server.address"]], [true, "127.0.0.1"]);
  assert(!collector.received.includes("hunter2"), "the URL of the webhook");
  await tab.close();
});
