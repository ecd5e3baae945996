/** Acks, as the server receives them from a client. */

import { assertEquals } from "@std/assert";
import { connect, type ConnectOptions, type Tidings } from "../../src/client/client.ts";
import { TestService } from "../end_to_end/test_service.ts";
import { PushDevices } from "../end_to_end/push_devices.ts";
import { eventually } from "../eventually.ts";
import { FaultyProxy } from "../nats/faulty_proxy.ts";
import { RecordedEvents } from "./recorded_events.ts";

/** The number of connections that have acked a notification, by its report. */
async function ackCount(service: TestService, id: string): Promise<number> {
  return (await (await fetch(`${service.url}/v1/notifications/${id}`)).json()).acked;
}

function isAcked(service: TestService, id: string): Promise<void> {
  return eventually(async () => await ackCount(service, id) === 1, `the ack of ${id}`);
}

/** A client that has received `first` and `second`. */
async function receiveTwo(service: TestService, options: ConnectOptions = {}): Promise<Tidings> {
  const tidings = connect(service.url, { target: "alexander", ...options });
  const events = new RecordedEvents(tidings);
  await events.waitFor("open");
  for (const id of ["first", "second"]) await service.notify({ target: "alexander", id, data: id });
  await events.waitFor("got second");
  return tidings;
}

Deno.test("TidingsClient acks what it has delivered to the page", async () => {
  await using service = await TestService.start();
  await using _tidings = await receiveTwo(service);
  await isAcked(service, "second");
  assertEquals(await ackCount(service, "first"), 1);
});

Deno.test("TidingsClient leaves acks to the page, with the option `manual`", async () => {
  await using service = await TestService.start();
  await using tidings = await receiveTwo(service, { ack: "manual" });
  tidings.ack("second");
  await isAcked(service, "second");
  assertEquals(await ackCount(service, "first"), 0);
});

Deno.test("TidingsClient sends its acks before it closes", async () => {
  await using service = await TestService.start();
  await (await receiveTwo(service)).close();
  await isAcked(service, "second");
});

for (const transport of ["websocket", "sse"] as const) {
  Deno.test(`TidingsClient over ${transport} still sends the acks that a connection lost, and those made without one`, async () => {
    const clock = { now: Date.UTC(1804, 6, 11, 7) };
    const limits = { dueCheckMs: 2 };
    await using service = await TestService.start({}, { limits, now: () => clock.now });
    await using devices = new PushDevices();
    await devices.subscribe(service.url);
    await using proxy = new FaultyProxy(service.port);
    using _ = transport === "sse" ? withoutWebSockets() : null;
    await using tidings = connect(`http://127.0.0.1:${proxy.port}`, { target: "alexander", ack: "manual" });
    const events = new RecordedEvents(tidings);
    await events.waitFor("open");
    const ids = ["under way", "queued", "without", "never"];
    for (const id of ids) await service.notify({ target: "alexander", id, data: id, push: { after: 10 } });
    await events.waitFor("got never");

    proxy.cut("silent");
    tidings.ack("under way");
    await new Promise((resolve) => setTimeout(resolve)); // it is sent in the next turn
    tidings.ack("queued");
    proxy.cut("broken");
    await events.waitFor("waiting");
    tidings.ack("without");
    proxy.heal();
    dispatchEvent(new Event("online"));
    await events.waitFor("open", 2);
    await eventually(async () => {
      const text = await (await fetch(`${service.url}/metrics`)).text();
      return text.includes('\ntidings_scheduled{kind="push"} 1\n');
    }, "the acks withdraw their pushes");
    clock.now += 10_000;
    assertEquals(await devices.next(1), ["never"]);
  });
}

/** Makes the SDK take Server-Sent Events. */
function withoutWebSockets(): Disposable {
  const { WebSocket } = globalThis;
  Object.assign(globalThis, { WebSocket: undefined });
  return { [Symbol.dispose]: () => Object.assign(globalThis, { WebSocket }) };
}
