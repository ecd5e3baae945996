/** Tests of inboxes over real sockets: a page continues after one, and publishers mark and see what was read. */

import { assert, assertEquals } from "@std/assert";
import { MarkingTab, stateOf, TRANSPORTS } from "./marking_tab.ts";
import { getJson, type Report } from "./reporting.ts";
import { TestService } from "./test_service.ts";
import type { InboxAnswer } from "../http/inbox_answer.ts";

const ALEXANDER = { target: "alexander" };

function inboxOf(service: TestService, limit = 200): Promise<InboxAnswer> {
  return getJson(service, `/v1/inbox?target=alexander&limit=${limit}`);
}

/** Marks as a publisher, and resolves with the answer. */
async function markAsRead(service: TestService, body: unknown): Promise<Omit<InboxAnswer, "notifications">> {
  const response = await fetch(`${service.url}/v1/targets/alexander/read`, {
    method: "POST",
    body: JSON.stringify(body),
  });
  assertEquals(response.status, 200);
  return await response.json();
}

/** Posts notifications to alexander and to everyone in turns, and marks some of them meanwhile. */
async function publish(service: TestService, ids: readonly string[]): Promise<void> {
  for (const [index, id] of ids.entries()) {
    const to = index % 3 === 0 ? { everyone: true } : ALEXANDER;
    const { position } = await service.notify({ ...to, id, data: index });
    if (index % 5 === 0) await markAsRead(service, { positions: [position] });
  }
}

for (const transport of TRANSPORTS) {
  Deno.test(`The service continues an inbox over ${transport} without a gap, and sends nothing twice`, async () => {
    await using service = await TestService.start();
    const ids = Array.from({ length: 150 }, (_, n) => `n${n}`);
    await publish(service, ids.slice(0, 40));
    const publishing = publish(service, ids.slice(40, 140));
    const inbox = await inboxOf(service);
    await using tab = await MarkingTab.open(service, transport, { ...ALEXANDER, after: inbox.position });
    assertEquals([tab.welcome.recovered, tab.welcome.position], [true, inbox.position]);
    const shown = inbox.notifications.map(({ id }) => id).toReversed();
    const read = new Set(inbox.notifications.filter(({ read }) => read).map(({ id }) => id));
    await publishing;
    await publish(service, ids.slice(140));
    while (shown.length < ids.length) {
      const message = await tab.next();
      if (message.type === "notification") shown.push(message.id);
      else assertEquals(message.type, "read");
    }
    assertEquals(shown, ids);
    for (const { id, read: isRead } of (await inboxOf(service)).notifications) {
      if (read.has(id)) assert(isRead, id);
    }
  });

  Deno.test(`The service sends what a publisher marks to all tabs of the target over ${transport}`, async () => {
    await using service = await TestService.start();
    const positions: string[] = [];
    for (const data of ["a", "b", "c"]) {
      positions.push(String((await service.notify({ ...ALEXANDER, data })).position));
    }
    const [a = "", , c = ""] = positions;
    const { position: after } = await inboxOf(service);
    await using laptop = await MarkingTab.open(service, transport, { ...ALEXANDER, after });
    await using tablet = await MarkingTab.open(service, transport, { ...ALEXANDER, after });
    await using burr = await MarkingTab.open(service, transport, { target: "burr" });
    const answer = await markAsRead(service, { through: a });
    for (const tab of [laptop, tablet]) {
      const mark = await tab.nextOf("read");
      assertEquals([stateOf(mark), mark.position], [{ through: a, read: [], unread: [] }, answer.position]);
    }
    assertEquals([answer.unread, answer.through], [2, a]);
    await laptop.send({ type: "read", positions: [c] });
    for (const tab of [laptop, tablet]) {
      assertEquals(stateOf(await tab.nextOf("read")), { through: a, read: [c], unread: [] });
    }
    const { unread, notifications } = await getJson<InboxAnswer>(
      service,
      "/v1/targets/alexander/notifications",
    );
    assertEquals([unread, notifications.map(({ read }) => read)], [1, [true, false, true]]);
    await service.notify({ everyone: true, data: 1 });
    await burr.nextOf("notification");
  });

  Deno.test(`The service reports once who has read a notification, whoever marks it over ${transport}`, async () => {
    await using service = await TestService.start();
    await using laptop = await MarkingTab.open(service, transport, ALEXANDER);
    await using burr = await MarkingTab.open(service, transport, { target: "burr" });
    await service.notify({ everyone: true, id: "older", data: 1 });
    const { position } = await service.notify({ everyone: true, id: "duel", data: 1 });
    for (const tab of [laptop, laptop, burr, burr]) await tab.nextOf("notification");
    const report = () => getJson<Report>(service, "/v1/notifications/duel");
    const before = await report();
    assertEquals([before.read, before.first_read_ms], [0, null]);
    const [read, unread] = ["read", "unread"].map((type) => ({ type, positions: [position], ref: "r" }));
    for (const mark of [read, unread, read]) {
      await laptop.send(mark);
      await laptop.nextOfEach("read", "marked");
    }
    const once = await report();
    assertEquals(once.read, 1);
    assert(once.first_read_ms !== null && once.first_read_ms >= 0);
    await laptop.send(unread);
    await laptop.nextOfEach("read", "marked");
    await markAsRead(service, { through: position });
    assertEquals((await report()).read, 1);
    await burr.send(read);
    await burr.nextOfEach("read", "marked");
    const { read: twice, first_read_ms } = await report();
    assertEquals([twice, first_read_ms], [2, once.first_read_ms]);
    const older = await getJson<Report>(service, "/v1/notifications/older");
    assertEquals(older.read, 1, "alexander has read it too, by the publisher's mark");
  });
}
