/** Acks, as the server gets them from a tab. */

import { assertEquals } from "@std/assert";
import { connect, type ConnectOptions } from "../../src/client/client.ts";
import { Running, soon } from "../end_to_end/running.ts";
import { Happenings } from "./recorded_events.ts";

/** How many have acked it. */
async function acked(service: Running, id: string): Promise<number> {
  return (await (await fetch(`${service.url}/v1/notifications/${id}`)).json()).acked;
}

/** A tab that has got `first` and `second`. */
async function received(service: Running, options: ConnectOptions = {}) {
  const tidings = connect(service.url, { target: "alexander", ...options });
  const happenings = new Happenings(tidings);
  await happenings.has("open");
  for (const id of ["first", "second"]) await service.notify({ target: "alexander", id, data: id });
  await happenings.has("got second");
  return tidings;
}

Deno.test("A tab acks what it has given to its page", async () => {
  await using service = await Running.started();
  await using _tidings = await received(service);
  while (await acked(service, "second") !== 1) await soon();
  assertEquals(await acked(service, "first"), 1);
});

Deno.test("A tab leaves acks to its page, if that wants it", async () => {
  await using service = await Running.started();
  await using tidings = await received(service, { ack: "manual" });
  tidings.ack("second");
  while (await acked(service, "second") !== 1) await soon();
  assertEquals(await acked(service, "first"), 0);
});

Deno.test("A tab that is closed sends its acks first", async () => {
  await using service = await Running.started();
  await (await received(service)).close();
  while (await acked(service, "second") !== 1) await soon();
});
