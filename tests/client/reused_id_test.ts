/** An id that the service has forgotten: it accepts another notification under it, and the page receives that too. */

import { assertEquals } from "@std/assert";
import { connect } from "../../src/client/client.ts";
import { TestService } from "../end_to_end/test_service.ts";
import { RecordedEvents } from "./recorded_events.ts";

const backup = (data: string) => ({ target: "alexander", id: "backup", data });

Deno.test("TidingsClient delivers what the service accepts under an id that it no longer remembers", async () => {
  let now = Date.now();
  await using service = await TestService.start({ TIDINGS_RETENTION_SECONDS: "2" }, { now: () => now });
  await using tidings = connect(service.url, { target: "alexander" });
  const events = new RecordedEvents(tidings);
  await events.waitFor("open");
  await service.notify(backup("failed"));
  await service.notify(backup("failed"));
  now += 10_000;
  await service.notify(backup("works again"));
  await events.waitFor("got works again");
  assertEquals(events.all, ["open", "got failed", "got works again"]);
});

Deno.test("TidingsClient delivers what a service that was restarted accepts under an id from before", async () => {
  const first = await TestService.start();
  const { port } = first;
  await using tidings = connect(first.url, { target: "alexander" });
  const events = new RecordedEvents(tidings);
  await events.waitFor("open");
  await first.notify(backup("failed"));
  await events.waitFor("got failed");
  await first.stop();
  await using second = await TestService.start({ PORT: `${port}` });
  await second.notify(backup("works again"));
  await events.waitFor("got works again");
  assertEquals(events.all.filter((one) => one.startsWith("got")), ["got failed", "got works again"]);
});
