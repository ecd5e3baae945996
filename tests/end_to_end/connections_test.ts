/** Tests of listing and closing the connections of a target, over real sockets. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { EventReader } from "./event_reader.ts";
import {
  connectBehind,
  getJson,
  HELLO,
  type ListedConnection,
  openTabs,
  WaitingRequest,
} from "./reporting.ts";
import { Tab } from "./tab.ts";
import { TestService } from "./test_service.ts";

Deno.test("The service lists the connections of a target", async () => {
  await using service = await TestService.start();
  const target = "a/b %41 ?#\\ é 🗽";
  const path = `/v1/targets/${encodeURIComponent(target)}`;
  assertEquals(await getJson(service, path), { target, connections: [], last_seen: null });
  const before = Date.now();
  const { tab, welcome } = await Tab.open(service.port, { target });
  await using events = await EventReader.open(service.port, { target });
  const { connection: other } = await events.welcome();
  const { connections } = await getJson<{ connections: ListedConnection[] }>(service, path);
  assertEquals(connections.map(({ id, transport, behind }) => [id, transport, behind]), [
    [welcome.connection, "websocket", false],
    [other, "sse", false],
  ]);
  for (const { node, connected_at } of connections) {
    assertEquals(node, connections[0]?.node);
    assertMatch(node, /^[0-9a-f-]{36}$/);
    assert(Date.parse(connected_at) >= before - 1_000);
  }
  await tab.close();
  await service.waitForConnections(1);
  assertEquals((await getJson<{ connections: ListedConnection[] }>(service, path)).connections.length, 1);
});

Deno.test("The service lists which connections are behind", async () => {
  await using service = await TestService.start();
  using _slow = await connectBehind(service);
  await openTabs(service, 1);
  const { connections } = await getJson<{ connections: ListedConnection[] }>(
    service,
    "/v1/targets/alexander",
  );
  assertEquals(connections.map(({ behind }) => behind), [true, false]);
});

async function disconnect(service: TestService, target: string): Promise<unknown> {
  const path = `/v1/targets/${encodeURIComponent(target)}/connections`;
  const response = await fetch(service.url + path, { method: "DELETE" });
  assertEquals(response.status, 200);
  return await response.json();
}

Deno.test("The service closes the connections of a target with 4003, after all that was accepted before", async () => {
  await using service = await TestService.start();
  const tabs = await openTabs(service, 3);
  const [burr] = await openTabs(service, 1, "burr");
  await using events = await EventReader.open(service.port, { target: "alexander" });
  await events.welcome();
  const numbers = Array.from({ length: 1_000 }, (_, n) => n);
  await service.notify(numbers.map((n) => ({ target: "alexander", data: n })));
  assertEquals(await disconnect(service, "alexander"), { closed: 4 });
  const { connections } = await getJson<{ connections: ListedConnection[] }>(
    service,
    "/v1/targets/alexander",
  );
  assertEquals(connections, [], "deregistered before the answer");
  for (const tab of tabs) {
    assertEquals((await tab.closed).code, 4003);
    assertEquals(await tab.data(1_000), numbers);
  }
  assertEquals(await events.data(1_001), numbers);
  assertEquals(events.close?.code, 4003);
  assertEquals(await disconnect(service, "alexander"), { closed: 0 });
  await service.notify({ target: "burr", data: "still here" });
  assertEquals(await burr?.data(1), ["still here"]);
});

Deno.test("The service closes a connection that does not read at once", async () => {
  await using service = await TestService.start();
  using slow = await connectBehind(service);
  const waiting = new WaitingRequest(service, { body: HELLO });
  assertEquals(await disconnect(service, "alexander"), { closed: 1 });
  await service.waitForConnections(0);
  assertEquals(await waiting.counts(), [0, 0]);
  assertEquals(await slow.closeCode(), 4003);
});

Deno.test("The service closes many connections of a target that reconnects meanwhile", async () => {
  await using service = await TestService.start();
  const tabs = await openTabs(service, 50);
  const returning = Promise.all(Array.from({ length: 10 }, () => openTabs(service, 1)));
  const [first, second] = [disconnect(service, "alexander"), disconnect(service, "alexander")];
  await Promise.all([first, second]);
  for (const tab of tabs) assertEquals((await tab.closed).code, 4003);
  await returning;
  await disconnect(service, "alexander");
  await service.waitForConnections(0);
});
