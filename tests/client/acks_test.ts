/** Acks, as the server receives them from a client. */

import { assertEquals } from "@std/assert";
import { connect, type ConnectOptions, type Tidings } from "../../src/client/client.ts";
import { TestService } from "../end_to_end/test_service.ts";
import { eventually } from "../eventually.ts";
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
