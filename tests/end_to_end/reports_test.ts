/** Tests of the sent and acked counts of a notification, over real sockets. */

import { assert, assertEquals } from "@std/assert";
import { EventReader } from "./event_reader.ts";
import { ack, HELLO, openTabs, type Report, waitForReport, WaitingRequest } from "./reporting.ts";
import { Tab } from "./tab.ts";
import { TestService } from "./test_service.ts";

Deno.test("The service reports how many connections it sent a notification to, and how many acked it", async () => {
  await using service = await TestService.start();
  const [laptop, tablet, desktop] = await openTabs(service, 3);
  const [burr] = await openTabs(service, 1, "burr");
  assert(laptop !== undefined && tablet !== undefined && desktop !== undefined && burr !== undefined);
  const { id } = await service.notify({ ...HELLO, id: "duel / ü" });
  const path = encodeURIComponent(String(id));
  for (const tab of [laptop, tablet]) {
    const { id } = await tab.next();
    ack(tab, id, "unknown");
    ack(tab, id); // a second time
  }
  ack(burr, String(id)); // it was not sent the notification
  await desktop.close();
  const { accepted_at, first_ack_ms, ...counts } = await waitForReport(
    service,
    path,
    ({ acked }) => acked >= 2,
  );
  assertEquals(counts, { id: "duel / ü", sent: 3, acked: 2, read: 0, first_read_ms: null, push: null });
  assert(Math.abs(Date.parse(accepted_at) - Date.now()) < 60_000);
  assert(first_ack_ms !== null && first_ack_ms >= 0);
  const { tab: late } = await Tab.open(service.port, {
    target: "alexander",
    after: "00000000-00000000000",
  });
  await late.next();
  assertEquals(
    (await waitForReport(service, path, ({ sent }) => sent > 3)).acked,
    2,
    "the fourth received it from a page",
  );
});

Deno.test("The service has no report of an unknown notification", async () => {
  await using service = await TestService.start();
  const response = await fetch(`${service.url}/v1/notifications/unknown`);
  assertEquals([response.status, (await response.json()).type], [404, "urn:tidings:problem:not-found"]);
});

Deno.test("The service starts new reports after a restart, with the original time of acceptance", async () => {
  const folder = await Deno.makeTempDir();
  const environment = { TIDINGS_JOURNAL: `sqlite:${folder}/journal.db` };
  const body = { ...HELLO, id: "duel" };
  let welcome = "", before = "";
  {
    await using service = await TestService.start(environment);
    const { tab, welcome: { position } } = await Tab.open(service.port, { target: "alexander" });
    welcome = position;
    const { accepted_at } = await new WaitingRequest(service, { body, seconds: 0 }).answer<Report>();
    before = accepted_at;
    ack(tab, (await tab.next()).id);
    await waitForReport(service, "duel", ({ acked }) => acked === 1);
  }
  await using service = await TestService.start(environment);
  const unknown = await fetch(`${service.url}/v1/notifications/duel`);
  await unknown.body?.cancel();
  assertEquals(unknown.status, 404);
  const repeat = await new WaitingRequest(service, { body }).response;
  await repeat.body?.cancel();
  assertEquals([repeat.status, repeat.headers.get("preference-applied")], [202, null], "there is no report");
  const { tab } = await Tab.open(service.port, { target: "alexander", after: welcome });
  await tab.next();
  const report = await waitForReport(service, "duel", ({ sent }) => sent === 1);
  const unread = { read: 0, first_read_ms: null, push: null };
  assertEquals(report, {
    id: "duel",
    accepted_at: before,
    sent: 1,
    acked: 0,
    first_ack_ms: null,
    ...unread,
  });
  const waiting = new WaitingRequest(service, { body }); // now there is a report
  ack(tab, "duel");
  assertEquals(await waiting.counts(), [1, 1]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("The service counts the acks that a tab with Server-Sent Events posts", async () => {
  await using service = await TestService.start();
  await using tab = await EventReader.open(service.port, { target: "alexander" });
  const { connection } = await tab.welcome();
  const waiting = new WaitingRequest(service, { body: HELLO });
  const [{ id } = { id: "" }] = await tab.messages() ?? [];
  const messages = [{ type: "ack", ids: [id] }];
  const request = { method: "POST", body: JSON.stringify({ connection, messages }) };
  await (await fetch(`${service.url}/v1/received?target=alexander`, request)).body?.cancel();
  assertEquals(await waiting.counts(), [1, 1]);
});
